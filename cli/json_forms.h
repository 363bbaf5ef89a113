// The JSON that --json prints: one function per form, each an object whose first key is "schema".
// Once released a form only grows; anything else is a new version. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/explanation.h"
#include "cli/failure.h"
#include "cli/init_file.h"
#include "cli/url_table.h"
#include "config/config.h"
#include "config/problem.h"
#include "proxy/server.h"
#include "services/service_news.h"

namespace devproxy {

struct ReloadReport;

std::string version_form();
/// Of one command, or of the whole program when `command` is empty.
std::string help_form(std::string_view command);
std::string error_form(const Failure& failure);
/// `config` is null when there are problems.
std::string check_form(const Config* config, const Problems& problems);
std::string routes_form(const Config& config, const std::vector<UrlRow>& rows);
std::string explain_form(const Explanation& explanation);
std::string init_form(const Scan& scan, const std::string& text, bool written);

// One object a line, while a proxy runs: "devproxy.event/v1".
std::string listening_event(const Config& config, const std::vector<BoundAddress>& listeners,
                            const std::vector<UrlRow>& rows);
std::string reload_event(const ReloadReport& report);
std::string reload_failed_event(const Failure& failure);
std::string service_event(const ServiceNews& news);
std::string service_note_event(std::string_view service, std::string_view words);
std::string output_event(std::string_view service, std::string_view line);
std::string stopping_event(const std::string& signal);

}  // namespace devproxy
