// The system's TCP sockets as rows: what port_owner and peer_uid search. Reading is the system's
// part (tcp_sockets_linux.cc, tcp_sockets_macos.cc); everything else is pure and tested everywhere.
// Values; any thread.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

/// IPv6, or IPv4 as ::ffff:a.b.c.d, in the order of the wire.
using IpAddress = std::array<unsigned char, 16>;

std::optional<IpAddress> parse_ip(std::string_view text);
std::string to_text(const IpAddress& address);
IpAddress mapped(const std::array<unsigned char, 4>& ipv4);
bool is_ipv4(const IpAddress& address);

struct TcpEnd {
  IpAddress address{};
  std::uint16_t port = 0;
  friend bool operator==(const TcpEnd&, const TcpEnd&) = default;
};

/// Of AF_INET and AF_INET6; nothing for other families.
std::optional<TcpEnd> to_tcp_end(const sockaddr* address);

/// Whether a connected socket is its own other end: TCP's simultaneous open makes one when the
/// system happens to choose the port that is dialled, and nobody listens there.
bool is_own_peer(int descriptor);

struct TcpSocket {
  TcpEnd local;
  TcpEnd remote;
  bool listening = false;
  uid_t uid = 0;
  std::uint64_t inode = 0;   ///< 0: no process holds it any more (Linux)
  std::optional<pid_t> pid;  ///< where the system tells it together with the socket (macOS)
};

/// The text of /proc/net/tcp or tcp6. Lines that cannot be read are left out.
std::vector<TcpSocket> parse_proc_net_tcp(std::string_view text);

/// The socket that takes connections to `address` and `port`, or that is in the way of listening
/// there: the one on that very address first, then one on all addresses of its family, then one on
/// all addresses of both.
const TcpSocket* find_listener(const std::vector<TcpSocket>& sockets, const IpAddress& address,
                               std::uint16_t port);

/// Every socket that this user may see. On macOS those of its own processes.
std::vector<TcpSocket> tcp_sockets();
/// Only those that listen: on Linux one dump by the kernel, some ten microseconds, so it may be
/// asked several times a second. Who holds them is the dear part: see socket_holders.h.
std::vector<TcpSocket> listening_sockets();

class SocketDiag;
/// The same for whoever asks again and again: what the question needs of the system stays open.
class ListenerTable final {
 public:
  ListenerTable();
  ~ListenerTable();
  std::vector<TcpSocket> read();

 private:
  std::unique_ptr<SocketDiag> diag_;  ///< Linux
};

}  // namespace devproxy
