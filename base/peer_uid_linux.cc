// The Linux part of peer_uid: one question to the kernel's socket table (NETLINK_SOCK_DIAG), else
// /proc/net/tcp{,6}.
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/peer_uid.h"
#include "base/tcp_sockets.h"

namespace devproxy {
namespace {

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

void put_address(__be32 (&to)[4], const TcpEnd& end, bool ipv4) {
  std::memcpy(to, end.address.data() + (ipv4 ? 12 : 0), ipv4 ? 4 : 16);
}

TcpEnd take_end(const __be32 (&from)[4], __be16 port, int family) {
  TcpEnd end;
  end.port = ntohs(port);
  if (family == AF_INET) {
    std::array<unsigned char, 4> octets{};
    std::memcpy(octets.data(), from, octets.size());
    end.address = mapped(octets);
  } else {
    std::memcpy(end.address.data(), from, end.address.size());
  }
  return end;
}

/// About the socket whose own end is `own` and whose other end is `other`.
Question ask_for(const TcpEnd& own, const TcpEnd& other) {
  const bool ipv4 = is_ipv4(own.address);
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.body.sdiag_family = ipv4 ? AF_INET : AF_INET6;
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = ~0U;
  question.body.id.idiag_sport = htons(own.port);
  question.body.id.idiag_dport = htons(other.port);
  put_address(question.body.id.idiag_src, own, ipv4);
  put_address(question.body.id.idiag_dst, other, ipv4);
  question.body.id.idiag_cookie[0] = static_cast<std::uint32_t>(INET_DIAG_NOCOOKIE);
  question.body.id.idiag_cookie[1] = static_cast<std::uint32_t>(INET_DIAG_NOCOOKIE);
  return question;
}

enum class Verdict : std::uint8_t { found, absent, unknown };

struct Answer {
  Verdict verdict = Verdict::unknown;
  TcpSocket socket;  ///< when found
};

Answer parse_answer(const char* data, std::size_t size) {
  nlmsghdr header{};
  if (size < sizeof header) return {};
  std::memcpy(&header, data, sizeof header);
  if (header.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr error{};
    if (size < NLMSG_LENGTH(sizeof error.error)) return {};
    std::memcpy(&error.error, data + NLMSG_HDRLEN, sizeof error.error);
    return {error.error == -ENOENT ? Verdict::absent : Verdict::unknown, {}};
  }
  inet_diag_msg body{};
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || size < NLMSG_LENGTH(sizeof body)) return {};
  std::memcpy(&body, data + NLMSG_HDRLEN, sizeof body);
  Answer answer{Verdict::found, {}};
  TcpSocket& socket = answer.socket;
  socket.local = take_end(body.id.idiag_src, body.id.idiag_sport, body.idiag_family);
  socket.remote = take_end(body.id.idiag_dst, body.id.idiag_dport, body.idiag_family);
  socket.uid = body.idiag_uid;
  socket.inode = body.idiag_inode;
  return answer;
}

/// The kernel answers within send(), hence no waiting.
Answer ask_kernel(const TcpEnd& own, const TcpEnd& other) {
  const int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return {};
  const Question question = ask_for(own, other);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const auto* to = reinterpret_cast<const sockaddr*>(&kernel);
  std::array<char, 4096> answer;
  ssize_t size = sendto(netlink, &question, sizeof question, 0, to, sizeof kernel);
  if (size > 0) size = recv(netlink, answer.data(), answer.size(), MSG_DONTWAIT);
  close(netlink);
  if (size <= 0) return {};
  return parse_answer(answer.data(), static_cast<std::size_t>(size));
}

/// The kernel may name a listener when there is no such connection, and says uid 0 of one that
/// nobody holds any more.
bool is_held(const TcpSocket& socket, const TcpEnd& own, const TcpEnd& other) {
  return socket.local == own && socket.remote == other && socket.inode != 0;
}

/// A kernel without the module says of every socket that it is absent; one that knew a socket once
/// has the module. Reading /proc takes milliseconds for each ten thousand sockets, hence the care.
std::atomic<bool> kernel_knows_sockets{false};

bool is_believed(const TcpEnd& own, const TcpEnd& other) {
  if (kernel_knows_sockets) return true;
  // Our own end of the connection is certainly there, unless it was reset.
  if (ask_kernel(other, own).verdict == Verdict::found) kernel_knows_sockets = true;
  return kernel_knows_sockets;
}

}  // namespace

std::optional<uid_t> peer_uid(const sockaddr* peer, const sockaddr* local) {
  const auto own = to_tcp_end(peer);
  const auto other = to_tcp_end(local);
  if (!own || !other) return std::nullopt;
  const Answer answer = ask_kernel(*own, *other);
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

}  // namespace devproxy
