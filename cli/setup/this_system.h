// What starts programs on this system, and whether it runs (this_system_linux.cc,
// this_system_macos.cc). Any thread.
#pragma once

#include <cstdint>

namespace devproxy {

enum class ServiceManager : std::uint8_t { none, systemd, launchd };

ServiceManager service_manager();

}  // namespace devproxy
