// Configurations made by hand, for tests that need no file. Values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/config.h"

namespace devproxy {

inline RouteRule route(std::string service, std::vector<std::string> hosts, std::string path = "/",
                       Position at = {}) {
  RouteRule rule;
  rule.service = std::move(service);
  rule.hosts = std::move(hosts);
  rule.path = std::move(path);
  rule.at = std::move(at);
  return rule;
}

inline ListenAddress address(std::string host, std::uint16_t port) {
  ListenAddress listen;
  listen.host = std::move(host);
  listen.port = port;
  return listen;
}

}  // namespace devproxy
