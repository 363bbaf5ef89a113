// Listener: one accepting socket. It accepts only while there are descriptors for another client;
// what waits meanwhile waits in the kernel. Owned by Server; one thread.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/handle.h"
#include "base/inherited_sockets.h"
#include "base/loop.h"
#include "base/result.h"
#include "proxy/net/buffers.h"
#include "proxy/net/descriptors.h"
#include "proxy/net/socket_stream.h"

namespace devproxy {

class Listener final {
 public:
  using Accepted = std::function<void(std::unique_ptr<SocketStream> stream, std::uint16_t port)>;

  Listener(Loop& loop, Buffers& buffers, Descriptors& descriptors, Accepted accepted);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// host: an IP literal without brackets. Errors: taken, denied, missing (the family or address is
  /// not on this system), invalid. One of `bound` that is this address is used instead of binding,
  /// by a descriptor of our own to it.
  Result<void> open(const std::string& host, std::uint16_t port,
                    const std::vector<InheritedSocket>& bound = {});

  /// The port in use, also when 0 was asked for.
  std::uint16_t port() const { return port_; }

  /// -1: it is closed.
  int descriptor() const;
  bool is_open() const { return socket_ != nullptr; }
  /// Stops accepting; the port is remembered, and open() may be called again.
  void close();

  /// There may be room again.
  void accept_waiting();

 private:
  Result<void> adopt(const InheritedSocket& socket);
  int listen();
  void accept();

  Loop& loop_;
  Buffers& buffers_;
  Descriptors& descriptors_;
  Accepted accepted_;
  Handle<uv_tcp_t> socket_;
  std::uint16_t port_ = 0;
  bool waiting_ = false;  ///< libuv holds a connection for us
};

}  // namespace devproxy
