// TcpListeners: the stable TCP ports of services, each on 127.0.0.1 and ::1. A reload binds what is
// new before anything changes, leaves alone what stays, and closes what is gone, whose connections
// go on. Owned by Server; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "proxy/net/listener.h"
#include "proxy/tcp_service.h"

namespace devproxy {

class ClientConnections;
struct Context;

class TcpListeners final {
 public:
  struct Open {
    std::uint16_t port = 0;
    std::shared_ptr<TcpService> service;
    std::vector<std::unique_ptr<Listener>> listeners;  ///< one for each family that there is
  };

  TcpListeners(Context& context, ClientConnections& connections)
      : context_(context), connections_(connections) {}
  TcpListeners(const TcpListeners&) = delete;
  TcpListeners& operator=(const TcpListeners&) = delete;

  /// Binds the ports that are not open yet. Errors as Server::apply() has them.
  Result<std::vector<Open>> open_new(const std::vector<TcpPort>& wanted);

  using UpstreamOf = std::function<std::shared_ptr<Upstream>(const std::string& service)>;
  void take(const std::vector<TcpPort>& wanted, std::vector<Open> opened,
            const UpstreamOf& upstream_of);

  void add_descriptors(std::vector<int>& to) const;
  /// There may be room for clients again.
  void accept_waiting();
  void close() { open_.clear(); }

 private:
  Result<Open> open(std::uint16_t port);

  Context& context_;
  ClientConnections& connections_;
  std::vector<Open> open_;
};

}  // namespace devproxy
