// A LoopbackPlace is where a server was found to listen on this machine's loopback: a port, and the
// addresses that reach it there. A value; any thread.
#pragma once

#include <cstdint>

namespace devproxy {

struct LoopbackPlace {
  std::uint16_t port = 0;
  bool ipv4 = true;         ///< at 127.0.0.1
  bool ipv6 = true;         ///< at ::1
  bool ipv6_first = false;  ///< 127.0.0.1 may be somebody else
  bool operator==(const LoopbackPlace&) const = default;
};

}  // namespace devproxy
