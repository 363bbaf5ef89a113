// The JSON of `ports`: "devproxy.ports/v1", and events while it watches. Once released a form only
// grows. Pure functions; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/ports/port_report.h"

namespace devproxy {

/// `port`: the one that was asked about; the report is only_port()'s then.
std::string ports_form(const PortReport& report, std::optional<std::uint16_t> port);
/// "devproxy.free_port/v1".
std::string free_port_form(std::uint16_t port);
/// "devproxy.event/v1", `event`: "port_opened" or "port_closed".
std::string port_event(const PortRow& row, const PortReport& report, bool opened,
                       std::chrono::system_clock::time_point now);

}  // namespace devproxy
