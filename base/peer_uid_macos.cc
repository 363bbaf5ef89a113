// The macOS part of peer_uid: whether a process of this user holds the other end; others' sockets
// stay invisible.
#include "base/peer_uid.h"
#include "base/tcp_sockets.h"

namespace devproxy {

std::optional<uid_t> peer_uid(const sockaddr* peer, const sockaddr* local) {
  const auto own = to_tcp_end(peer);
  const auto other = to_tcp_end(local);
  if (!own || !other) return std::nullopt;
  for (const TcpSocket& socket : tcp_sockets()) {
    if (socket.local == *own && socket.remote == *other) return socket.uid;
  }
  return std::nullopt;
}

}  // namespace devproxy
