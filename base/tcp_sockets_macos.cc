// The macOS part of tcp_sockets: libproc lists the processes of this user with their sockets; those
// of others stay invisible without root.
#include <arpa/inet.h>
#include <libproc.h>
#include <netinet/in.h>
#include <sys/proc_info.h>

#include <array>
#include <cstring>

#include "base/tcp_sockets.h"

namespace devproxy {
namespace {

std::vector<pid_t> process_ids() {
  // Room for processes that begin between the two calls.
  const int bytes = proc_listpids(PROC_ALL_PIDS, 0, nullptr, 0);
  if (bytes <= 0) return {};
  std::vector<pid_t> pids(static_cast<std::size_t>(bytes) / sizeof(pid_t) + 64);
  const int filled =
      proc_listpids(PROC_ALL_PIDS, 0, pids.data(), static_cast<int>(pids.size() * sizeof(pid_t)));
  pids.resize(filled > 0 ? static_cast<std::size_t>(filled) / sizeof(pid_t) : 0);
  return pids;
}

std::vector<proc_fdinfo> descriptors_of(pid_t pid) {
  const int bytes = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, nullptr, 0);
  if (bytes <= 0) return {};
  std::vector<proc_fdinfo> descriptors(static_cast<std::size_t>(bytes) / sizeof(proc_fdinfo) + 16);
  const int filled = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, descriptors.data(),
                                  static_cast<int>(descriptors.size() * sizeof(proc_fdinfo)));
  descriptors.resize(filled > 0 ? static_cast<std::size_t>(filled) / sizeof(proc_fdinfo) : 0);
  return descriptors;
}

TcpEnd to_end(const in_sockinfo& info, const in4in6_addr& ipv4, const in6_addr& ipv6, int port) {
  TcpEnd end;
  end.port = ntohs(static_cast<std::uint16_t>(port));
  if ((info.insi_vflag & INI_IPV4) != 0) {
    std::array<unsigned char, 4> octets{};
    std::memcpy(octets.data(), &ipv4.i46a_addr4, octets.size());
    end.address = mapped(octets);
  } else {
    std::memcpy(end.address.data(), &ipv6, end.address.size());
  }
  return end;
}

std::optional<TcpSocket> tcp_socket(pid_t pid, const proc_fdinfo& descriptor) {
  if (descriptor.proc_fdtype != PROX_FDTYPE_SOCKET) return std::nullopt;
  socket_fdinfo info{};
  const int size =
      proc_pidfdinfo(pid, descriptor.proc_fd, PROC_PIDFDSOCKETINFO, &info, sizeof info);
  if (size < static_cast<int>(sizeof info) || info.psi.soi_kind != SOCKINFO_TCP)
    return std::nullopt;
  const tcp_sockinfo& tcp = info.psi.soi_proto.pri_tcp;
  const in_sockinfo& ends = tcp.tcpsi_ini;
  TcpSocket socket;
  socket.local = to_end(ends, ends.insi_laddr.ina_46, ends.insi_laddr.ina_6, ends.insi_lport);
  socket.remote = to_end(ends, ends.insi_faddr.ina_46, ends.insi_faddr.ina_6, ends.insi_fport);
  socket.listening = tcp.tcpsi_state == TSI_S_LISTEN;
  socket.pid = pid;
  return socket;
}

}  // namespace

std::vector<TcpSocket> tcp_sockets() {
  std::vector<TcpSocket> sockets;
  for (const pid_t pid : process_ids()) {
    proc_bsdinfo process{};
    const int size = proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &process, sizeof process);
    if (size < static_cast<int>(sizeof process)) continue;
    for (const proc_fdinfo& descriptor : descriptors_of(pid)) {
      if (auto socket = tcp_socket(pid, descriptor)) {
        socket->uid = process.pbi_uid;
        sockets.push_back(*socket);
      }
    }
  }
  return sockets;
}

/// Nothing can stay open here.
class SocketDiag final {};

ListenerTable::ListenerTable() = default;

ListenerTable::~ListenerTable() = default;

std::vector<TcpSocket> ListenerTable::read() {
  std::vector<TcpSocket> sockets = tcp_sockets();
  std::erase_if(sockets, [](const TcpSocket& socket) { return !socket.listening; });
  return sockets;
}

}  // namespace devproxy
