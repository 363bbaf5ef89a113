// Whose the other end of a loopback connection is: decides who may see names of routes. One
// question to the system, some ten microseconds; only where it cannot answer, /proc/net/tcp is
// read. Any thread.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>

namespace devproxy {

/// The uid that owns the other end of an accepted loopback TCP connection; nothing when it cannot
/// be known.
std::optional<uid_t> peer_uid(const sockaddr* peer, const sockaddr* local);

/// The effective uid of whoever connected to a unix socket of ours.
std::optional<uid_t> unix_peer_uid(int descriptor);

}  // namespace devproxy
