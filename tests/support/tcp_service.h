// A service that is reached by its port, and the echo that stands for it.
#pragma once

#include <string>

#include "tests/support/fake_upstream.h"
#include "tests/support/sockets.h"

namespace devproxy {

inline std::string listening_on(const ReservedPair& port, const FakeUpstream& service,
                                const std::string& more = "") {
  return "[services.db]\n" + service.target() + "\nlisten = " + std::to_string(port.number()) +
         "\n" + more;
}

inline void echo(Peer& peer) {
  for (;;) {
    const std::string bytes = peer.receive_some();
    if (bytes.empty()) return;
    peer.send(bytes);
  }
}

}  // namespace devproxy
