#include "base/socket_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <algorithm>
#include <cstring>

#include "tests/base/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string message(std::uint16_t type, const std::string& payload) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(payload.size()));
  std::string text = bytes_of(header) + payload;
  text.resize(NLMSG_ALIGN(text.size()));
  return text;
}

/// One listener as the kernel describes it, with an attribute behind it as it comes for IPv6.
std::string answer(const char* ip, std::uint16_t port, unsigned char state, std::uint32_t inode) {
  inet_diag_msg body{};
  const IpAddress address = parse_ip(ip).value();
  const bool ipv4 = is_ipv4(address);
  body.idiag_family = ipv4 ? AF_INET : AF_INET6;
  body.idiag_state = state;
  body.id.idiag_sport = htons(port);
  std::memcpy(body.id.idiag_src, address.data() + (ipv4 ? 12 : 0), ipv4 ? 4 : 16);
  body.idiag_uid = 1000;
  body.idiag_inode = inode;
  return message(SOCK_DIAG_BY_FAMILY, bytes_of(body) + (ipv4 ? "" : std::string("\5\0\13\0\1", 5)));
}

TEST_CASE("socket diag: a datagram holds several sockets, and the end is told", "[base]") {
  std::vector<TcpSocket> sockets;
  const std::string datagram = answer("127.0.0.1", 6289, 10, 71234) + answer("::1", 5173, 10, 555) +
                               answer("10.0.0.1", 80, 1, 9);
  CHECK(read_answer(datagram, sockets) == DumpState::more);
  REQUIRE(sockets.size() == 3);
  CHECK(to_text(sockets[0].local.address) == "127.0.0.1");
  CHECK(sockets[0].local.port == 6289);
  CHECK(sockets[0].listening);
  CHECK(sockets[0].uid == 1000);
  CHECK(sockets[0].inode == 71234);
  CHECK(to_text(sockets[1].local.address) == "::1");
  CHECK(sockets[1].inode == 555);
  CHECK_FALSE(sockets[2].listening);
  CHECK(read_answer(message(NLMSG_DONE, "\0\0\0\0"), sockets) == DumpState::done);
  CHECK(sockets.size() == 3);
}

TEST_CASE("socket diag: what is cut off or refused is no answer", "[base]") {
  std::vector<TcpSocket> sockets;
  const std::string whole = answer("127.0.0.1", 6289, 10, 71234);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(read_answer(std::string_view(whole).substr(0, size), sockets) == DumpState::failed);
  }
  CHECK(read_answer(message(NLMSG_ERROR, std::string(20, '\0')), sockets) == DumpState::failed);
  CHECK(read_answer(message(SOCK_DIAG_BY_FAMILY, "short"), sockets) == DumpState::failed);
  std::string shorter_than_its_head = whole;
  shorter_than_its_head[0] = 3;
  CHECK(read_answer(shorter_than_its_head, sockets) == DumpState::failed);
  CHECK(sockets.empty());
}

TEST_CASE("socket diag: the dump has this process's listeners of both families", "[base]") {
  SocketDiag diag;                     // kept: each answer is that of its own question
  if (!diag.dump_listeners()) return;  // a sandbox without it; then /proc is read
  for (const char* ip : {"127.0.0.1", "0.0.0.0", "::1", "::"}) {
    CAPTURE(ip);
    const ListeningSocket listener(ip);
    if (listener.number() < 0) continue;  // a system without IPv6
    for (const auto& sockets : {diag.dump_listeners().value(), listening_sockets()}) {
      const auto found = std::find_if(sockets.begin(), sockets.end(), [&](const auto& each) {
        return each.local == TcpEnd{*parse_ip(ip), listener.port()};
      });
      REQUIRE(found != sockets.end());
      CHECK(found->listening);
      CHECK(found->uid == getuid());
      CHECK(found->inode != 0);
    }
  }
}

}  // namespace
}  // namespace devproxy
