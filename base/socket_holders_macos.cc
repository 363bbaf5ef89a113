// The macOS part of socket_holders: libproc told the process together with the socket.
#include "base/socket_holders.h"

namespace devproxy {

std::vector<std::optional<pid_t>> holders_of(const std::vector<TcpSocket>& sockets) {
  std::vector<std::optional<pid_t>> holders;
  for (const TcpSocket& socket : sockets) holders.push_back(socket.pid);
  return holders;
}

}  // namespace devproxy
