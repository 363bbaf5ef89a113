// What `ports` tells people: a table of listeners, all about one port, a line for each change. What
// came from processes is escaped. Pure functions; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/ports/port_report.h"

namespace devproxy {

/// What the same report looks like depends on this only.
struct PortsView {
  std::size_t width = SIZE_MAX;
  bool colour = false;
  std::string home;
  std::chrono::system_clock::time_point now;
};

/// Aligned; two lines for each listener where one does not fit. Below it what the marks mean, and
/// the conflicts.
std::string ports_table(const PortReport& report, const PortsView& view);

/// `report` is only_port()'s.
std::string port_text(const PortReport& report, std::uint16_t port, const PortsView& view);

/// The conflicts, and why the file says nothing; may be empty. Part of both.
std::string notes_text(const PortReport& report, const PortsView& view);

/// "2026-11-22 12:03:04" of the local clock, or only the time.
std::string clock_text(std::chrono::system_clock::time_point at, bool with_date);

/// "12:03:04 + 127.0.0.1:5173  loopback  node vite (pid 4312) in ~/shop, web of shop".
std::string change_line(const PortRow& row, bool opened, const PortsView& view);

}  // namespace devproxy
