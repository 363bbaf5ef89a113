// The Linux part of tcp_sockets: the kernel's dump for those that listen, /proc/net/tcp{,6} for all
// of them, and where there is no dump.
#include "base/files.h"
#include "base/socket_diag.h"
#include "base/tcp_sockets.h"

namespace devproxy {
namespace {

constexpr std::size_t max_table = 64U << 20U;  // some 400,000 sockets

}  // namespace

std::vector<TcpSocket> tcp_sockets() {
  std::vector<TcpSocket> sockets;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const std::string text = read_file(table, max_table).value_or("");
    for (const TcpSocket& socket : parse_proc_net_tcp(text)) sockets.push_back(socket);
  }
  return sockets;
}

ListenerTable::ListenerTable() : diag_(std::make_unique<SocketDiag>()) {}

ListenerTable::~ListenerTable() = default;

std::vector<TcpSocket> ListenerTable::read() {
  if (auto sockets = diag_->dump_listeners()) return std::move(*sockets);
  std::vector<TcpSocket> sockets = tcp_sockets();
  std::erase_if(sockets, [](const TcpSocket& socket) { return !socket.listening; });
  return sockets;
}

}  // namespace devproxy
