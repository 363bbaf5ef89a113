// The kernel's own answer about TCP sockets (Linux: NETLINK_SOCK_DIAG), without text in between:
// one dump of the sockets that listen, or one question about a connection. What peer_uid and
// tcp_sockets ask first. Some ten microseconds each; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/tcp_sockets.h"

namespace devproxy {

/// Of both families; nothing when the kernel does not answer, as in some sandboxes.
std::optional<std::vector<TcpSocket>> dump_listeners();

struct SocketAnswer {
  enum class Verdict : std::uint8_t {
    found,
    absent,   ///< there is no such socket, or the kernel knows none at all
    unknown,  ///< the kernel does not answer
  };
  Verdict verdict = Verdict::unknown;
  TcpSocket socket;  ///< when found
};

/// The socket whose own end is `own` and whose other end is `other`, or a listener that would take
/// it.
SocketAnswer ask_for_socket(const TcpEnd& own, const TcpEnd& other);

enum class DumpState { more, done, failed };
/// Appends the sockets of one datagram of an answer.
DumpState read_answer(std::string_view datagram, std::vector<TcpSocket>& sockets);

}  // namespace devproxy
