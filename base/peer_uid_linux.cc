// The Linux part of peer_uid: one question to the kernel's socket table (NETLINK_SOCK_DIAG), else
// /proc/net/tcp{,6}.
#include <atomic>

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

/// A kernel without the module says of every socket that it is absent; one that knew a socket once
/// has the module. Reading /proc takes milliseconds for each ten thousand sockets, hence the care.
std::atomic<bool> kernel_knows_sockets{false};

using Verdict = SocketAnswer::Verdict;

bool is_believed(const TcpEnd& own, const TcpEnd& other) {
  if (kernel_knows_sockets) return true;
  // Our own end of the connection is certainly there, unless it was reset.
  if (SocketDiag().ask_for_socket(other, own).verdict == Verdict::found)
    kernel_knows_sockets = true;
  return kernel_knows_sockets;
}

}  // namespace

std::optional<uid_t> peer_uid(const sockaddr* peer, const sockaddr* local) {
  const auto own = to_tcp_end(peer);
  const auto other = to_tcp_end(local);
  if (!own || !other) return std::nullopt;
  const SocketAnswer answer = SocketDiag().ask_for_socket(*own, *other);
  if (answer.verdict == Verdict::found) {
    kernel_knows_sockets = true;
    if (is_held(answer.socket, *own, *other)) return answer.socket.uid;
    return std::nullopt;
  }
  if (answer.verdict == Verdict::absent && is_believed(*own, *other)) return std::nullopt;
  for (const TcpSocket& socket : tcp_sockets()) {
    if (is_held(socket, *own, *other)) return socket.uid;
  }
  return std::nullopt;
}

std::optional<uid_t> unix_peer_uid(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

}  // namespace devproxy
