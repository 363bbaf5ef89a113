// The JSON of `check` and `routes`. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "cli/project/url_table.h"
#include "config/config.h"
#include "config/problem.h"

namespace devproxy {

/// "devproxy.check/v1". `config` is null when there are problems.
std::string check_form(const Config* config, const Problems& problems);
/// "devproxy.routes/v1"
std::string routes_form(const Config& config, const std::vector<UrlRow>& rows);

}  // namespace devproxy
