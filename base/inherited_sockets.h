// Listening sockets that whoever started us has bound already: systemd's protocol (LISTEN_FDS and
// LISTEN_PID, sd_listen_fds(3)), on macOS launchd's. Taken once, by a command that serves, before
// there is a second thread. The descriptors live as long as the process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace devproxy {

struct InheritedSocket {
  std::string host;  ///< where it is bound, without brackets
  std::uint16_t port = 0;
  int descriptor = -1;
};

struct InheritedSockets {
  std::vector<InheritedSocket> sockets;
  std::vector<std::string> refused;  ///< a sentence for each that is of no use
};

/// What the environment promises to this very process. The variables are gone afterwards, whomever
/// they were meant for: what we start must not believe them.
InheritedSockets take_inherited_sockets();

/// Where a socket that somebody else made is bound; an Error when it is none for TCP clients.
Result<InheritedSocket> describe_inherited(int descriptor);

/// Descriptors that launchd holds for us; elsewhere none (inherited_sockets_linux.cc,
/// inherited_sockets_macos.cc).
std::vector<int> sockets_of_launchd();

}  // namespace devproxy
