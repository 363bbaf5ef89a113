// The macOS part of peer_uid: whether a process of this user holds the other end; others' sockets
// stay invisible.
#include <unistd.h>

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

std::optional<uid_t> unix_peer_uid(int descriptor) {
  uid_t uid = 0;
  gid_t gid = 0;
  if (getpeereid(descriptor, &uid, &gid) != 0) return std::nullopt;
  return uid;
}

}  // namespace devproxy
