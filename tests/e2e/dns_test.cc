// `dns = PORT` in [proxy]: questions by UDP and TCP, as a system's resolver asks them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "tests/support/edge.h"
#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using std::string_literals::operator""s;

/// shop.test, type A or AAAA.
std::string question(bool v6 = false) {
  return "\x12\x34\1\0\0\1\0\0\0\0\0\0\4shop\4test\0\0"s + (v6 ? '\x1c' : '\1') + "\0\1"s;
}
const std::string v4_tail = "\0\4\x7f\0\0\1"s;
const std::string v6_tail = "\0\x10"s + std::string(15, '\0') + "\1";

Descriptor udp_to(Family family, std::uint16_t port) {
  Descriptor socket(::socket(family == Family::v4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0));
  int status = 0;
  if (family == Family::v4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    status = ::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port);
    to.sin6_addr = in6addr_loopback;
    status = ::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  REQUIRE(status == 0);
  return socket;
}

std::string receive(const Descriptor& socket) {
  if (!wait_ready(socket.fd(), POLLIN, WaitLimit())) give_up("no answer came");
  std::array<char, 2048> buffer{};
  const ssize_t size = ::recv(socket.fd(), buffer.data(), buffer.size(), 0);
  return size < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
}

void send(const Descriptor& socket, const std::string& bytes) {
  REQUIRE(::send(socket.fd(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
}

std::string ask_udp(Family family, std::uint16_t port, const std::string& bytes) {
  const Descriptor socket = udp_to(family, port);
  send(socket, bytes);
  return receive(socket);
}

TestProxy::Options with_dns(std::uint16_t port) {
  TestProxy::Options options;
  options.proxy_keys = "dns = " + std::to_string(port) + "\ndomains = [\"localhost\", \"test\"]\n";
  return options;
}

constexpr const char* no_routes = "";

}  // namespace

TEST_CASE("dns: the responder answers by UDP and TCP, on both families", "[e2e]") {
  const ReservedPair port;
  TestProxy proxy(no_routes, with_dns(port.number()));
  for (const Family family : {Family::v4, Family::v6}) {
    CHECK(ask_udp(family, port.number(), question()).ends_with(v4_tail));
    CHECK(ask_udp(family, port.number(), question(true)).ends_with(v6_tail));
    const Descriptor client = connect_to(family, port.number());
    const std::string message = question();
    const std::string framed = "\0"s + static_cast<char>(message.size()) + message;
    // Two at once, and one in two pieces.
    send(client, framed + framed + framed.substr(0, 5));
    send(client, framed.substr(5));
    std::string answers;
    while (answers.size() < 3 * (2 + message.size() + 16)) answers += receive(client);
    CHECK(answers.ends_with(v4_tail));
  }
}

TEST_CASE("dns: what is broken or huge harms nobody", "[e2e]") {
  const ReservedPair port;
  TestProxy proxy(no_routes, with_dns(port.number()));
  const Descriptor socket = udp_to(Family::v4, port.number());
  send(socket, "");
  send(socket, "x");
  send(socket, std::string(60'000, 'x'));
  send(socket, question() + std::string(2000, '\0'));
  send(socket, "\x12\x34\x81\x80\0\1\0\0\0\0\0\0\4shop\4test\0\0\1\0\1"s);  // an answer
  send(socket, question().substr(0, 20));
  CHECK(receive(socket) == "\x12\x34\x81\x81\0\0\0\0\0\0\0\0"s);
  send(socket, question());
  CHECK(receive(socket).ends_with(v4_tail));

  // A TCP client that says nonsense, or nothing, is let go.
  const Descriptor client = connect_to(Family::v4, port.number());
  send(client, "\xff\xffxxxx");
  CHECK(receive(client).empty());
  std::vector<Descriptor> idle;
  for (int i = 0; i < 40; ++i) idle.push_back(connect_to(Family::v4, port.number()));
  CHECK(ask_udp(Family::v4, port.number(), question()).ends_with(v4_tail));
}

TEST_CASE("dns: a reload moves it, switches it off, and changes its domains", "[e2e]") {
  const ReservedPair first;
  const ReservedPair second;
  TestProxy proxy(no_routes, with_dns(first.number()));
  CHECK(ask_udp(Family::v4, first.number(), question()).ends_with(v4_tail));
  const std::size_t from = proxy.mark();
  proxy.reload(no_routes, with_dns(second.number()));
  CHECK_THAT(proxy.wait_for_reload(from),
             ContainsSubstring("~ dns " + std::to_string(first.number()) + " -> " +
                               std::to_string(second.number())));
  CHECK(ask_udp(Family::v4, second.number(), question()).ends_with(v4_tail));
  CHECK_FALSE(is_listening(Family::v4, first.number()));
  proxy.reload(no_routes, TestProxy::Options());
  CHECK_FALSE(is_listening(Family::v4, second.number()));
}

TEST_CASE("dns: a port that is taken is said, and had as soon as it is free", "[e2e]") {
  const ReservedPair port;
  Descriptor stranger = listen_on(Family::v4, port.number());
  TestProxy proxy(no_routes, with_dns(port.number()));
  proxy.process().wait_for_error_line([&](const std::string& line) {
    return line.find("dns: nobody is answered, 127.0.0.1:" + std::to_string(port.number())) !=
           std::string::npos;
  });
  stranger.reset();
  proxy.process().wait_for_error_line([&](const std::string& line) {
    return line.find("dns: answers on port " + std::to_string(port.number()) + " now") !=
           std::string::npos;
  });
  CHECK(ask_udp(Family::v4, port.number(), question()).ends_with(v4_tail));
}

}  // namespace devproxy
