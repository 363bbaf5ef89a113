// DnsResponder answers questions about our domains on one port of 127.0.0.1 and ::1, by UDP and by
// TCP, for resolvers of the system that were told to ask it (`hosts print --dns`). The proxy works
// without it: a port that is taken is said once, and tried again. Owned by Server; one thread.
#pragma once

#include <uv.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/agenda.h"
#include "base/handle.h"
#include "config/config.h"
#include "proxy/net/listener.h"

namespace devproxy {

struct Context;

class DnsResponder final {
 public:
  explicit DnsResponder(Context& context);
  ~DnsResponder();
  DnsResponder(const DnsResponder&) = delete;
  DnsResponder& operator=(const DnsResponder&) = delete;

  /// Listens on `dns` of the settings, or no longer; what stays the same is not touched.
  void apply(const ProxySettings& settings);
  void close();

 private:
  class Socket;
  class Connection;

  void open();
  Result<void> open_at(const std::string& host);
  void accept(std::unique_ptr<SocketStream> stream);
  void drop(Connection& connection);

  Context& context_;
  std::vector<std::string> domains_;
  std::uint16_t port_ = 0;  ///< that is wanted; 0: none
  bool told_ = false;       ///< that it is taken
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Timer again_;
};

}  // namespace devproxy
