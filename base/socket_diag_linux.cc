#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/socket_diag.h"

namespace devproxy {
namespace {

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

/// The older form: it knows no family, and answers for all of them at once.
struct OldQuestion {
  nlmsghdr header;
  inet_diag_req body;
};

template <class T>
std::string_view octets_of(const T& question) {
  return {reinterpret_cast<const char*>(&question), sizeof question};
}

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

Question question_about(unsigned char family, std::uint16_t flags, std::uint32_t states) {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = flags;
  question.body.sdiag_family = family;
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = states;
  return question;
}

std::optional<TcpSocket> take_socket(std::string_view payload) {
  inet_diag_msg body{};
  if (payload.size() < sizeof body) return std::nullopt;
  std::memcpy(&body, payload.data(), sizeof body);
  TcpSocket socket;
  socket.local = take_end(body.id.idiag_src, body.id.idiag_sport, body.idiag_family);
  socket.remote = take_end(body.id.idiag_dst, body.id.idiag_dport, body.idiag_family);
  socket.listening = body.idiag_state == TCP_LISTEN;
  socket.uid = body.idiag_uid;
  socket.inode = body.idiag_inode;
  return socket;
}

/// What an answer that is an error says; 0 for any other.
int error_of(std::string_view datagram) {
  nlmsghdr header{};
  nlmsgerr body{};
  if (datagram.size() < NLMSG_LENGTH(sizeof body.error)) return 0;
  std::memcpy(&header, datagram.data(), sizeof header);
  if (header.nlmsg_type != NLMSG_ERROR) return 0;
  std::memcpy(&body.error, datagram.data() + NLMSG_HDRLEN, sizeof body.error);
  return body.error;
}

}  // namespace

DumpState read_answer(std::string_view datagram, std::vector<TcpSocket>& sockets) {
  if (datagram.empty()) return DumpState::failed;
  while (!datagram.empty()) {
    nlmsghdr header{};
    if (datagram.size() < sizeof header) return DumpState::failed;
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > datagram.size())
      return DumpState::failed;
    if (header.nlmsg_type == NLMSG_DONE) return DumpState::done;
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY && header.nlmsg_type != TCPDIAG_GETSOCK)
      return DumpState::failed;
    const auto socket = take_socket(datagram.substr(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN));
    if (!socket) return DumpState::failed;
    sockets.push_back(*socket);
    datagram.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
  return DumpState::more;
}

SocketDiag::SocketDiag() {
  open_anew();
}

SocketDiag::~SocketDiag() {
  if (descriptor_ >= 0) close(descriptor_);
}

void SocketDiag::open_anew() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

bool SocketDiag::ask(std::string_view question) const {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  return descriptor_ >= 0 && sendto(descriptor_, question.data(), question.size(), 0,
                                    reinterpret_cast<const sockaddr*>(&kernel),
                                    sizeof kernel) == static_cast<ssize_t>(question.size());
}

/// The kernel answers within send() and recv(), hence no waiting. Valid until the next call.
std::string_view SocketDiag::receive() {
  const ssize_t size = recv(descriptor_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  return {buffer_.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

bool SocketDiag::read_dump(std::vector<TcpSocket>& sockets) {
  DumpState state = DumpState::more;
  while (state == DumpState::more) state = read_answer(receive(), sockets);
  return state == DumpState::done;
}

/// Both families in one walk through the kernel's table, which is what a question costs.
bool SocketDiag::dump_both(std::vector<TcpSocket>& sockets) {
  OldQuestion question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = TCPDIAG_GETSOCK;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.body.idiag_family = AF_INET;
  question.body.idiag_states = 1U << TCP_LISTEN;
  return ask(octets_of(question)) && read_dump(sockets);
}

bool SocketDiag::dump_family(unsigned char family, std::vector<TcpSocket>& sockets) {
  open_anew();  // what is left of an answer that could not be read belongs to none that follows
  const Question question = question_about(family, NLM_F_REQUEST | NLM_F_DUMP, 1U << TCP_LISTEN);
  return ask(octets_of(question)) && read_dump(sockets);
}

std::optional<std::vector<TcpSocket>> SocketDiag::dump_listeners() {
  std::vector<TcpSocket> sockets;
  if (dump_both(sockets)) return sockets;
  sockets.clear();
  // A kernel without IPv6 knows no such family; its IPv4 table is still whole.
  const bool any = dump_family(AF_INET, sockets);
  if (any) dump_family(AF_INET6, sockets);
  open_anew();
  if (!any) return std::nullopt;
  return sockets;
}

SocketAnswer SocketDiag::ask_for_socket(const TcpEnd& own, const TcpEnd& other) {
  const bool ipv4 = is_ipv4(own.address);
  Question question = question_about(ipv4 ? AF_INET : AF_INET6, NLM_F_REQUEST, ~0U);
  question.body.id.idiag_sport = htons(own.port);
  question.body.id.idiag_dport = htons(other.port);
  put_address(question.body.id.idiag_src, own, ipv4);
  put_address(question.body.id.idiag_dst, other, ipv4);
  question.body.id.idiag_cookie[0] = static_cast<std::uint32_t>(INET_DIAG_NOCOOKIE);
  question.body.id.idiag_cookie[1] = static_cast<std::uint32_t>(INET_DIAG_NOCOOKIE);
  std::vector<TcpSocket> found;
  if (!ask(octets_of(question))) return {};
  const std::string_view answer = receive();
  read_answer(answer, found);
  if (!found.empty()) return {SocketAnswer::Verdict::found, found.front()};
  if (error_of(answer) == -ENOENT) return {SocketAnswer::Verdict::absent, {}};
  return {};
}

}  // namespace devproxy
