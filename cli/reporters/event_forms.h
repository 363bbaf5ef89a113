// The lines of --json while a proxy runs: one object each, "devproxy.event/v1". Once released a
// form only grows; anything else is a new version. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/project/url_table.h"
#include "cli/running/history.h"
#include "cli/terminal/failure.h"
#include "config/config.h"
#include "proxy/server.h"
#include "services/service_news.h"

namespace devproxy {

std::string listening_event(const Config& config, const std::vector<BoundAddress>& listeners,
                            const std::vector<UrlRow>& rows);
std::string reload_event(const ReloadReport& report);
std::string reload_failed_event(const Failure& failure);
std::string service_event(const ServiceNews& news);
std::string service_note_event(std::string_view service, std::string_view words);
std::string output_event(std::string_view service, std::string_view line);
std::string stopping_event(const std::string& signal);

}  // namespace devproxy
