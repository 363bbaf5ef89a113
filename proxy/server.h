// Server: the running proxy. It owns the listeners, the client connections and the upstream pools
// of its loop, and is given one routing after another. Everything on one thread; owned by the
// composition root (cli/), which destroys it before the Loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/inherited_sockets.h"
#include "base/loop.h"
#include "base/loopback_place.h"
#include "base/result.h"
#include "config/config.h"
#include "router/route_table.h"

namespace devproxy {

/// One finished exchange, or one connection to a TCP port, for access logs. The views are valid
/// during the call only.
struct ExchangeRecord {
  std::chrono::system_clock::time_point began;
  std::string_view method;  ///< "TCP" for a connection to a TCP port, which has no target or status
  std::string_view host;    ///< as the client sent it; TCP: the address that accepted it
  std::string_view
      target;      ///< path and query as the client sent them; raw bytes, escape before printing
  int status = 0;  ///< 499: the client went away before the answer
  std::chrono::microseconds took{0};
  std::string_view service;     ///< empty: answered by the proxy itself
  std::string_view protocol;    ///< "HTTP/1.1", "websocket", "tcp", …
  std::uint64_t bytes_in = 0;   ///< body bytes from the client
  std::uint64_t bytes_out = 0;  ///< body bytes to the client
  std::string_view note;  ///< why it failed, in words; empty when it did not; TCP: how it ended
};

/// What whoever runs a service knows of it while it does not answer.
struct ServiceTale {
  bool comes = false;     ///< it answers, or will by itself: see Server::expect()
  bool starting = false;  ///< it was started and does not answer yet
  std::string state;      ///< "failed: exited with code 1 after 0.3 s"
  std::vector<std::string> last_lines;
  std::string missing = {};  ///< of a followed one: why it is nowhere; empty: devproxy runs it
  std::string advice = {};   ///< what starts it, in words, where that is not seen from the others
};

struct ServerOptions {
  std::string instance;   ///< 8 hex digits, for Via; made by the composition root
  std::string state_dir;  ///< where the local CA lives
  std::function<void(const ExchangeRecord&)>
      on_exchange;  ///< empty: nobody is looking, nothing is measured
  /// Nothing for services that nobody here runs.
  std::function<std::optional<ServiceTale>(std::string_view service)> tell_of = nullptr;
  /// A service on this loopback port refused a connection; 0: a followed one that is nowhere or
  /// gone. Often; must not call back into the Server.
  std::function<void(std::uint16_t port)> on_refused = nullptr;
  /// Which other processes of this user listen near a service that refuses, in words; nothing while
  /// that is looked up: asked again a moment later. Must not take long.
  std::function<std::optional<std::vector<std::string>>(std::string_view service)> look_nearby =
      nullptr;
  /// Used instead of binding, where an address that is asked for is one of theirs. Kept open: a
  /// later configuration may ask again.
  std::vector<InheritedSocket> inherited = {};
};

struct BoundAddress {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
  ListenOnly only = ListenOnly::any;
};

/// An address that the proxy goes on without (ListenAddress::is_extra).
struct NotListening {
  std::string host;
  std::uint16_t port = 0;
  Code why = Code::taken;
  friend bool operator==(const NotListening&, const NotListening&) = default;
};

class Server final {
 public:
  Server(Loop& loop, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes a configuration into force, all or nothing: listeners that did not change are not
  /// touched, new ones are bound first, ones that are gone stop accepting (before, when they are in
  /// the way of a new one); then the table is swapped. Running exchanges keep the one they began
  /// with. Errors: Code::taken, Code::denied, Code::invalid, each with the address in its detail.
  Result<void> apply(const Config& config, std::shared_ptr<const RouteTable> table);

  std::vector<BoundAddress> listeners() const;
  /// As the last apply() that worked has left it.
  const std::vector<NotListening>& not_listening() const;

  /// For a process that goes on in our place: it accepts what waits in them, and nothing is refused
  /// meanwhile. They stay ours too.
  std::vector<int> listening_descriptors() const;
  /// Closes what ServerOptions::inherited holds: what no listener has taken is not listened on.
  void forget_inherited();

  /// Whether a service on this loopback port that refuses connections is about to accept them:
  /// requests wait for it, even when it never answered yet. Else they get the answer at once.
  void expect(std::uint16_t port, bool comes);

  /// Where a service listens that was found: a followed one, or a command that was given one port
  /// and uses another. None: a followed one is nowhere, a command is where it was told to be.
  void move(const Target& target, const std::optional<LoopbackPlace>& place);

  /// Stops accepting, lets running exchanges finish for at most `limit`, then ends the rest; calls
  /// `done` once.
  void drain(std::chrono::milliseconds limit, std::function<void()> done);

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace devproxy
