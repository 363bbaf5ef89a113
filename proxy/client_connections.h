// ClientConnections: all client connections of one loop. Owned by Server; one thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/agenda.h"
#include "proxy/frontend.h"

namespace devproxy {

class ClientConnections final {
 public:
  explicit ClientConnections(Agenda& agenda) : agenda_(agenda) {}
  ClientConnections(const ClientConnections&) = delete;
  ClientConnections& operator=(const ClientConnections&) = delete;

  void add(std::unique_ptr<Frontend> frontend);
  /// `next` goes on with the connection of `frontend`, which dies at the end of the turn.
  void replace(Frontend& frontend, std::unique_ptr<Frontend> next);
  /// Called by a frontend that has nothing left to do; it dies at the end of the turn.
  void remove(Frontend& frontend);

  void drain();
  bool any_busy() const;
  bool empty() const { return all_.empty(); }
  void close_all();

  /// Called when a connection was removed or has ended its last exchange; empty unless draining.
  std::function<void()> on_change;

 private:
  Agenda& agenda_;
  std::vector<std::unique_ptr<Frontend>> all_;
};

}  // namespace devproxy
