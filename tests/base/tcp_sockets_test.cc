#include "base/tcp_sockets.h"

#include "tests/base/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("tcp sockets: addresses are read and printed, IPv4 as itself", "[base]") {
  for (const char* text : {"127.0.0.1", "0.0.0.0", "::1", "::", "fe80::1", "2001:db8::ff"}) {
    CAPTURE(text);
    const auto address = parse_ip(text);
    REQUIRE(address.has_value());
    CHECK(to_text(*address) == text);
  }
  CHECK(parse_ip("::ffff:127.0.0.1") == parse_ip("127.0.0.1"));
  for (const char* text : {"", "localhost", "127.0.0.1.", "[::1]", "127.1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ip(text).has_value());
  }
}

TEST_CASE("tcp sockets: a sockaddr becomes an end, IPv4 the same as mapped", "[base]") {
  const auto ipv4 = to_tcp_end(socket_address("127.0.0.1", 6289).get());
  const auto ipv4_as_ipv6 = to_tcp_end(socket_address("::ffff:127.0.0.1", 6289).get());
  const auto ipv6 = to_tcp_end(socket_address("::1", 6289).get());
  REQUIRE(ipv4.has_value());
  CHECK(to_text(ipv4->address) == "127.0.0.1");
  CHECK(ipv4->port == 6289);
  CHECK(ipv4 == ipv4_as_ipv6);
  REQUIRE(ipv6.has_value());
  CHECK(to_text(ipv6->address) == "::1");
  SocketAddress other;
  other.storage.ss_family = AF_UNIX;
  CHECK_FALSE(to_tcp_end(other.get()).has_value());
}

// Lines as a little-endian kernel prints them.
constexpr std::string_view ipv4_table =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode"
    "                                                     \n"
    "   0: 0100007F:1891 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
    "71234 1 "
    "0000000000000000 100 0 0 10 0                     \n"
    "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "812 1 "
    "0000000000000000 100 0 0 10 0\n"
    "   2: 0100007F:1891 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 "
    "71240 1\n"
    "   3: 0100007F:C350 0100007F:1891 01 00000000:00000000 00:00000000 00000000  1001        0 "
    "71239 1\n"
    "   4: 0100007F:C351 0100007F:1891 06 00000000:00000000 03:000017B6 00000000     0        0 0 "
    "3\n";
constexpr std::string_view ipv6_table =
    "  sl  local_address                         remote_address                        st tx_queue "
    "rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 00000000000000000000000001000000:1891 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000  1000        0 555 1\n"
    "   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000    33        0 556 1\n"
    "   2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C352 01 "
    "00000000:00000000 00:00000000 00000000    33        0 557 1\n";

bool is_little_endian() {
  const std::uint16_t one = 1;
  return *reinterpret_cast<const unsigned char*>(&one) == 1;
}

TEST_CASE("tcp sockets: the text of /proc/net/tcp and tcp6 is read", "[base]") {
  if (!is_little_endian()) return;
  const std::vector<TcpSocket> ipv4 = parse_proc_net_tcp(ipv4_table);
  REQUIRE(ipv4.size() == 5);
  CHECK(to_text(ipv4[0].local.address) == "127.0.0.1");
  CHECK(ipv4[0].local.port == 0x1891);
  CHECK(ipv4[0].listening);
  CHECK(ipv4[0].uid == 1000);
  CHECK(ipv4[0].inode == 71234);
  CHECK(to_text(ipv4[1].local.address) == "0.0.0.0");
  CHECK_FALSE(ipv4[3].listening);
  CHECK(to_text(ipv4[3].remote.address) == "127.0.0.1");
  CHECK(ipv4[3].remote == ipv4[2].local);
  CHECK(ipv4[3].uid == 1001);
  CHECK(ipv4[4].inode == 0);

  const std::vector<TcpSocket> ipv6 = parse_proc_net_tcp(ipv6_table);
  REQUIRE(ipv6.size() == 3);
  CHECK(to_text(ipv6[0].local.address) == "::1");
  CHECK(to_text(ipv6[1].local.address) == "::");
  CHECK(to_text(ipv6[2].local.address) == "127.0.0.1");
  CHECK(ipv6[2].remote.port == 50002);
}

TEST_CASE("tcp sockets: lines that cannot be read are left out", "[base]") {
  const std::string good =
      "   0: 0100007F:1891 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
      "71234 1\n";
  REQUIRE(parse_proc_net_tcp(good).size() == 1);
  CHECK(parse_proc_net_tcp("").empty());
  CHECK(parse_proc_net_tcp("\n\n").empty());
  // Every shorter piece of it, as a table that is cut off would end.
  for (std::size_t size = 0; size + 8 < good.size(); ++size) {
    CHECK(parse_proc_net_tcp(good.substr(0, size)).empty());
  }
  for (const char* bad : {"0100007G:1891", "0100007F:11891", "0100007F", "0100007F:", ":1891",
                          "01007F:1891", "0100007F0100007F:1891"}) {
    CAPTURE(bad);
    std::string line = good;
    line.replace(line.find("0100007F:1891"), 13, bad);
    CHECK(parse_proc_net_tcp(line).empty());
  }
}

TEST_CASE("tcp sockets: the listener that takes a connection is found, the most exact first",
          "[base]") {
  const auto listener = [](const char* ip, std::uint16_t port, std::uint64_t inode) {
    TcpSocket socket;
    socket.local = {*parse_ip(ip), port};
    socket.listening = true;
    socket.inode = inode;
    return socket;
  };
  TcpSocket connected = listener("127.0.0.1", 80, 9);
  connected.listening = false;
  const std::vector<TcpSocket> sockets{
      listener("::", 80, 1),
      listener("0.0.0.0", 80, 2),
      listener("127.0.0.1", 80, 3),
      listener("::1", 80, 4),
      connected,
      listener("::", 81, 5),
      listener("127.0.0.2", 82, 6),
      listener("0.0.0.0", 83, 7),
      listener("::1", 84, 8),
  };
  struct Row {
    const char* ip;
    std::uint16_t port;
    std::uint64_t inode;  ///< 0: nobody
  };
  const Row rows[] = {
      {"127.0.0.1", 80, 3}, {"127.0.0.2", 80, 2}, {"::1", 80, 4},     {"::2", 80, 1},
      {"127.0.0.1", 81, 5}, {"::1", 81, 5},       {"::1", 83, 0},     {"127.0.0.1", 83, 7},
      {"127.0.0.1", 82, 0}, {"0.0.0.0", 82, 6},   {"0.0.0.0", 84, 0}, {"::", 82, 6},
      {"::", 84, 8},        {"127.0.0.1", 85, 0}, {"0.0.0.0", 80, 2}, {"::", 80, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.ip, row.port);
    const TcpSocket* found = find_listener(sockets, *parse_ip(row.ip), row.port);
    CHECK((found == nullptr ? 0 : found->inode) == row.inode);
  }
}

TEST_CASE("tcp sockets: a socket that has dialled itself is told from a connection", "[base]") {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    CAPTURE(ip);
    const ListeningSocket listener(ip);
    if (listener.number() < 0) continue;  // a system without IPv6
    const Connection connection(listener, ip);
    REQUIRE(connection.server.number() >= 0);
    CHECK_FALSE(is_own_peer(connection.client.number()));
    CHECK_FALSE(is_own_peer(connection.server.number()));
    CHECK_FALSE(is_own_peer(listener.number()));

    SocketAddress own = socket_address(ip, 0);
    const Descriptor lonely(::socket(own.get()->sa_family, SOCK_STREAM, 0));
    REQUIRE(bind(lonely.number(), own.get(), own.size) == 0);
    getsockname(lonely.number(), own.get(), &own.size);
    if (connect(lonely.number(), own.get(), own.size) != 0) continue;  // this system forbids it
    CHECK(is_own_peer(lonely.number()));
    const linger at_once{1, 0};
    setsockopt(lonely.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
}

}  // namespace
}  // namespace devproxy
