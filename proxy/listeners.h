// Listeners: the addresses that the proxy accepts on, from one configuration to the next. What did
// not change is not touched, what is new is bound before anything changes, and sockets that were
// inherited are used instead of binding. Owned by Server; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "proxy/frontend.h"
#include "proxy/net/listener.h"
#include "proxy/server.h"

namespace devproxy {

class ClientConnections;
struct Context;

class Listeners final {
 public:
  /// A listener and what asked for it.
  struct Open {
    ListenAddress asked;
    std::unique_ptr<Listener> listener;
    std::shared_ptr<ListenerPolicy> policy;
  };
  /// A step from one list to the next that can still be given up.
  struct Step {
    std::vector<Open*> kept;  ///< for each that is wanted the open one that it stays, or nothing
    std::vector<Open> opened;
    std::vector<NotListening> left_out;
  };

  Listeners(Context& context, ClientConnections& connections)
      : context_(context), connections_(connections) {}
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  /// Errors as Server::apply() has them; then everything is as before.
  Result<Step> open_new(const std::vector<ListenAddress>& wanted);
  void give_up(Step step);
  void take(const std::vector<ListenAddress>& wanted, Step step);

  std::vector<BoundAddress> bound() const;
  void add_descriptors(std::vector<int>& to) const;
  const std::vector<NotListening>& left_out() const { return left_out_; }
  /// Where requests go that must come by TLS: 443, else the first port that takes it.
  std::uint16_t tls_port() const;
  /// There may be room for clients again.
  void accept_waiting();
  void close() { open_.clear(); }

 private:
  std::vector<Open*> match(const std::vector<ListenAddress>& wanted);
  Open make(const ListenAddress& address);
  bool may_go_without(const ListenAddress& address, const Error& why, Step& step,
                      std::size_t& skipped, std::size_t wanted);
  bool close_in_the_way(std::uint16_t port, const std::vector<Open*>& kept);
  void reopen();

  Context& context_;
  ClientConnections& connections_;
  std::vector<Open> open_;
  std::vector<NotListening> left_out_;
};

}  // namespace devproxy
