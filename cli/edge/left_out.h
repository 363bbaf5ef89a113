// What `up SERVICE…` leaves out: the services with a command that it was not asked for, and that
// none of those depends on. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace devproxy {

/// Sets Service::left_out. `only`: what was asked for; empty: all.
void mark_left_out(Config& config, const std::vector<std::string>& only);

}  // namespace devproxy
