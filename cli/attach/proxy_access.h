// ProxyAccess is what a project asks of the proxy that carries its routes: its own (LocalProxy), or
// that of another devproxy to which it is attached (RemoteProxy). Loop thread; owned by Edge.
#pragma once

#include <sys/types.h>
#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/running/running_proxy.h"
#include "cli/terminal/failure.h"
#include "config/config.h"
#include "proxy/server.h"
#include "router/route_table.h"

namespace devproxy {

/// What whoever runs or follows services says of them to the proxy that is in force then.
struct ProxyTold {
  std::function<void(const std::string& service, std::uint16_t port, const ServiceTale& tale)> tell;
  std::function<void(const Target& target, const std::optional<LoopbackPlace>& place)> move;
};

class ProxyAccess {
 public:
  virtual ~ProxyAccess() = default;
  ProxyAccess(const ProxyAccess&) = delete;
  ProxyAccess& operator=(const ProxyAccess&) = delete;

  /// Takes the project's configuration into force, all or nothing, and says which: at once, or when
  /// it has heard. Calls are answered in order.
  using Taken = std::function<void(const tl::expected<void, Failure>& outcome)>;
  virtual void apply(std::shared_ptr<const Config> config, std::shared_ptr<const RouteTable> table,
                     Taken taken) = 0;
  virtual std::vector<BoundAddress> listeners() const = 0;
  /// The pid of the devproxy that it is; 0: this one.
  virtual pid_t process() const = 0;
  /// What the main checkout answers for the project now.
  virtual std::vector<Fallback> fallbacks() const = 0;
  /// A service of the project is on this port (0: nowhere): whether it is about to accept
  /// connections when it refuses them, and what there is to say of it then.
  virtual void tell(const std::string& service, std::uint16_t port, const ServiceTale& tale) = 0;
  /// As Server::move().
  virtual void move(const Target& target, const std::optional<LoopbackPlace>& place) = 0;
  virtual void drain(std::chrono::milliseconds limit, std::function<void()> done) = 0;

 protected:
  ProxyAccess() = default;
};

}  // namespace devproxy
