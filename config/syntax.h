// Turns what the TOML parser says about a broken file into a Problem that names the cause and the
// next step. Pure but for what it adds to the Report.
#pragma once

#include <string_view>

#include "config/report.h"
#include "config/sources.h"

namespace devproxy {

/// `description` and `at` are the parser's.
void report_syntax(const Sources& sources, Spot at, std::string_view description, Report& report);

}  // namespace devproxy
