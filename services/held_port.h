// A HeldPort keeps a loopback port from everybody else until the program that it is meant for
// begins: bound on 127.0.0.1 and ::1, not listening. The sockets are handed to the exec shim, where
// they close in the very moment that the program takes over. Owned by a PortLease; any one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace devproxy {

class HeldPort final {
 public:
  HeldPort() = default;
  ~HeldPort() { release(); }
  HeldPort(HeldPort&& other) noexcept : sockets_(std::move(other.sockets_)) {
    other.sockets_.clear();
  }
  HeldPort& operator=(HeldPort&& other) noexcept;
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

  /// Code::taken, with who has it in the detail. A family that the system lacks is left out.
  static Result<HeldPort> hold(std::uint16_t port);

  void release();
  bool is_held() const { return !sockets_.empty(); }
  /// For a child to inherit; they close on exec.
  const std::vector<int>& sockets() const { return sockets_; }

 private:
  std::vector<int> sockets_;
};

}  // namespace devproxy
