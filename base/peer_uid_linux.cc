// The Linux part of peer_uid: one question to the kernel's socket table (NETLINK_SOCK_DIAG), else
// /proc/net/tcp{,6}.
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
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

std::optional<TcpSocket> parse_answer(const char* data, std::size_t size) {
  nlmsghdr header{};
  inet_diag_msg body{};
  if (size < NLMSG_LENGTH(sizeof body)) return std::nullopt;
  std::memcpy(&header, data, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
    return std::nullopt;  // an error: there is no such socket
  std::memcpy(&body, data + NLMSG_HDRLEN, sizeof body);
  TcpSocket socket;
  socket.local = take_end(body.id.idiag_src, body.id.idiag_sport, body.idiag_family);
  socket.remote = take_end(body.id.idiag_dst, body.id.idiag_dport, body.idiag_family);
  socket.uid = body.idiag_uid;
  socket.inode = body.idiag_inode;
  return socket;
}

/// The kernel answers within send(), hence no waiting.
std::optional<TcpSocket> ask_kernel(const TcpEnd& own, const TcpEnd& other) {
  const int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return std::nullopt;
  const Question question = ask_for(own, other);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const auto* to = reinterpret_cast<const sockaddr*>(&kernel);
  std::array<char, 4096> answer;
  ssize_t size = sendto(netlink, &question, sizeof question, 0, to, sizeof kernel);
  if (size > 0) size = recv(netlink, answer.data(), answer.size(), MSG_DONTWAIT);
  close(netlink);
  if (size <= 0) return std::nullopt;
  return parse_answer(answer.data(), static_cast<std::size_t>(size));
}

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
  const auto answer = ask_kernel(*own, *other);
  if (answer && is_held(*answer, *own, *other)) return answer->uid;
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
