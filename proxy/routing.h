// Routing: one table in force together with the upstreams that it names. Every exchange pins the
// one it began with. Upstreams are kept by endpoint value, so warm connections survive from one
// routing to the next. One thread.
#pragma once

#include <memory>
#include <vector>

#include "config/config.h"
#include "proxy/trusted_peers.h"
#include "router/route_table.h"

namespace devproxy {

class Upstream;

struct Routing {
  std::shared_ptr<const RouteTable> table;
  std::vector<std::shared_ptr<Upstream>> upstreams;  ///< by service index; null for redirects
  ProxySettings settings;
  TrustedPeers trusted;
};

}  // namespace devproxy
