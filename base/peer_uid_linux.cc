// The Linux part of peer_uid: one question to the kernel's socket table (NETLINK_SOCK_DIAG), else
// /proc/net/tcp{,6}.
#include "base/peer_uid.h"
#include "base/socket_diag.h"
#include "base/tcp_sockets.h"

namespace devproxy {
namespace {

/// The kernel may name a listener when there is no such connection, and says uid 0 of one that
/// nobody holds any more.
bool is_held(const TcpSocket& socket, const TcpEnd& own, const TcpEnd& other) {
  return socket.local == own && socket.remote == other && socket.inode != 0;
}

}  // namespace

std::optional<uid_t> peer_uid(const sockaddr* peer, const sockaddr* local) {
  const auto own = to_tcp_end(peer);
  const auto other = to_tcp_end(local);
  if (!own || !other) return std::nullopt;
  const auto answer = ask_for_socket(*own, *other);
  if (answer && is_held(*answer, *own, *other)) return answer->uid;
  for (const TcpSocket& socket : tcp_sockets()) {
    if (is_held(socket, *own, *other)) return socket.uid;
  }
  return std::nullopt;
}

}  // namespace devproxy
