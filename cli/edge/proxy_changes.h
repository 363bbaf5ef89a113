// What a reload changed besides the routes, of the proxy itself and of services that are run, one
// line each, as describe_changes() does it for routes: "+ listening on 127.0.0.1:7000", "~ https on
// -> redirect". Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

std::vector<std::string> listener_changes(const std::vector<BoundAddress>& before,
                                          const std::vector<BoundAddress>& after);

/// A service's stable TCP port, as far as changes tell of it.
struct TcpFact {
  std::uint16_t port = 0;
  std::string to;  ///< "db 127.0.0.1:54321"
  Milliseconds hold{0};
};
std::vector<TcpFact> tcp_facts(const Config& config);
/// "+ tcp 127.0.0.1:5432 -> db 127.0.0.1:54321"
std::vector<std::string> tcp_changes(const std::vector<TcpFact>& before,
                                     const std::vector<TcpFact>& after);
/// Of the services that devproxy runs, what routes do not tell: "~ service api: command, env".
std::vector<std::string> service_changes(const Config& before, const Config& after);
std::vector<std::string> settings_changes(const ProxySettings& before, const ProxySettings& after);

}  // namespace devproxy
