// Frontend: the client's side of one connection, whatever its protocol. Owned by the
// ClientConnections of its loop.
#pragma once

#include <cstddef>

namespace devproxy {

class Frontend {
 public:
  virtual ~Frontend() = default;
  Frontend(const Frontend&) = delete;
  Frontend& operator=(const Frontend&) = delete;

  /// Ends at once if idle, else with the running exchange.
  virtual void drain() = 0;
  /// Something is under way that a drain should wait for; an open WebSocket is not.
  virtual bool is_busy() const = 0;

  std::size_t place = 0;  ///< among the connections of its loop

 protected:
  Frontend() = default;
};

}  // namespace devproxy
