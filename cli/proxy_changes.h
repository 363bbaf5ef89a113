// What a reload changed of the proxy itself, one line each, as describe_changes() does it for
// routes: "+ listening on 127.0.0.1:7000", "~ https on -> redirect". Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

std::vector<std::string> listener_changes(const std::vector<BoundAddress>& before,
                                          const std::vector<BoundAddress>& after);
std::vector<std::string> settings_changes(const ProxySettings& before, const ProxySettings& after);

}  // namespace devproxy
