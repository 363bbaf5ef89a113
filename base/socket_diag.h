// The kernel's own answer about TCP sockets (Linux: NETLINK_SOCK_DIAG), without text in between:
// one dump of the sockets that listen, or one question about a connection. What peer_uid and
// tcp_sockets ask first. Some ten microseconds each; as much again for opening the socket of the
// question, so whoever asks often keeps it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/tcp_sockets.h"

namespace devproxy {

struct SocketAnswer {
  enum class Verdict : std::uint8_t {
    found,
    absent,   ///< there is no such socket, or the kernel knows none at all
    unknown,  ///< the kernel does not answer
  };
  Verdict verdict = Verdict::unknown;
  TcpSocket socket;  ///< when found
};

/// One thread at a time.
class SocketDiag final {
 public:
  SocketDiag();
  ~SocketDiag();
  SocketDiag(const SocketDiag&) = delete;
  SocketDiag& operator=(const SocketDiag&) = delete;

  /// Of both families; nothing when the kernel does not answer, as in some sandboxes.
  std::optional<std::vector<TcpSocket>> dump_listeners();
  /// The socket whose own end is `own` and whose other end is `other`, or a listener that would
  /// take it.
  SocketAnswer ask_for_socket(const TcpEnd& own, const TcpEnd& other);

 private:
  void open_anew();
  bool ask(std::string_view question) const;
  std::string_view receive();
  bool read_dump(std::vector<TcpSocket>& sockets);
  bool dump_both(std::vector<TcpSocket>& sockets);
  bool dump_family(unsigned char family, std::vector<TcpSocket>& sockets);

  int descriptor_ = -1;
  std::array<char, 32'768> buffer_;  // as large as the kernel makes a datagram of a dump
};

enum class DumpState { more, done, failed };
/// Appends the sockets of one datagram of an answer.
DumpState read_answer(std::string_view datagram, std::vector<TcpSocket>& sockets);

}  // namespace devproxy
