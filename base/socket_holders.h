// Which processes hold sockets. On Linux a walk over /proc/*/fd, the dear part of naming the owner
// of a port (milliseconds): ask for all sockets at once, and only for new ones. Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "base/tcp_sockets.h"

namespace devproxy {

/// For each socket the process that holds it, of several the one with the lowest number, mostly
/// the parent of the others; nothing where that process is another user's. One pass, which ends as
/// soon as all are found: whoever asks often leaves out sockets with another uid.
std::vector<std::optional<pid_t>> holders_of(const std::vector<TcpSocket>& sockets);

}  // namespace devproxy
