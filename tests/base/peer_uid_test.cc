#include "base/peer_uid.h"

#include <sys/wait.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "tests/base/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("peer uid: a client of this process is this user's, on each family", "[base]") {
  struct Row {
    const char* listens;
    const char* connects;
  };
  const Row rows[] = {{"127.0.0.1", "127.0.0.1"},
                      {"0.0.0.0", "127.0.0.2"},
                      {"::1", "::1"},
                      {"::", "::1"},
                      {"::", "127.0.0.1"},         // accepted as ::ffff:127.0.0.1
                      {"::", "::ffff:127.0.0.1"},  // both ends IPv6 sockets
                      {"127.0.0.1", "::ffff:127.0.0.1"}};
  for (const Row& row : rows) {
    CAPTURE(row.listens, row.connects);
    const ListeningSocket listener(row.listens);
    if (listener.number() < 0) continue;  // a system without IPv6
    const Connection connection(listener, row.connects);
    REQUIRE(connection.server.number() >= 0);
    CHECK(peer_uid(connection.peer.get(), connection.local.get()) == getuid());
  }
}

TEST_CASE("peer uid: nothing is known of a client that is gone", "[base]") {
  const ListeningSocket listener("127.0.0.1");
  Connection connection(listener, "127.0.0.1");
  REQUIRE(connection.server.number() >= 0);
  // Its socket still exists in the kernel, but nobody holds it: uid 0 there would be a lie.
  connection.client.close_now();
  CHECK_FALSE(peer_uid(connection.peer.get(), connection.local.get()).has_value());
}

/// Bytes that this process has read from files; nothing where the system does not count them.
std::optional<std::uint64_t> bytes_read() {
  std::ifstream counters("/proc/self/io");
  std::string name;
  std::uint64_t count = 0;
  if (counters >> name >> count && name == "rchar:") return count;
  return std::nullopt;
}

TEST_CASE("peer uid: a client that is gone costs no reading of /proc/net/tcp", "[base]") {
  const ListeningSocket listener("127.0.0.1");
  Connection connection(listener, "127.0.0.1");
  REQUIRE(connection.server.number() >= 0);
  if (!peer_uid(connection.peer.get(), connection.local.get())) return;
  connection.client.close_now();
  const auto before = bytes_read();
  if (!before) return;  // not Linux
  const std::uint64_t of_counting = bytes_read().value_or(0) - *before;
  const auto between = bytes_read();
  CHECK_FALSE(peer_uid(connection.peer.get(), connection.local.get()).has_value());
  const std::uint64_t of_asking = bytes_read().value_or(0) - between.value_or(0);
  CHECK(of_asking <= of_counting + 10);  // the counters may have grown by some digits
}

TEST_CASE("peer uid: the listener that is left does not answer for a connection", "[base]") {
  const ListeningSocket listener("127.0.0.1");
  SocketAddress peer;
  SocketAddress local;
  {
    const Connection connection(listener, "127.0.0.1");
    REQUIRE(connection.server.number() >= 0);
    peer = connection.peer;
    local = connection.local;
  }
  CHECK_FALSE(peer_uid(peer.get(), local.get()).has_value());
  // As if the listener were the client.
  CHECK_FALSE(peer_uid(local.get(), peer.get()).has_value());
}

TEST_CASE("peer uid: nothing is known of unix sockets", "[base]") {
  SocketAddress address;
  address.storage.ss_family = AF_UNIX;
  CHECK_FALSE(peer_uid(address.get(), address.get()).has_value());
}

TEST_CASE("peer uid: a client of another user is that user's", "[base]") {
  if (getuid() != 0) return;  // only root may become somebody else
  constexpr uid_t somebody = 65534;
  const ListeningSocket listener("127.0.0.1");
  const SocketAddress to = socket_address("127.0.0.1", listener.port());
  int go_on[2];
  REQUIRE(pipe(go_on) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(go_on[1]);
    const bool changed = setuid(somebody) == 0;
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    char end = 0;
    if (changed && connect(client, to.get(), to.size) == 0) {
      static_cast<void>(!read(go_on[0], &end, 1));  // until the test closes its end
    }
    _exit(0);
  }
  close(go_on[0]);
  const timeval limit{10, 0};  // should the child fail
  setsockopt(listener.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  SocketAddress peer;
  SocketAddress local;
  const Descriptor server(accept(listener.number(), peer.get(), &peer.size));
  getsockname(server.number(), local.get(), &local.size);
  const auto uid = peer_uid(peer.get(), local.get());
  close(go_on[1]);
  waitpid(child, nullptr, 0);
  CHECK(uid == somebody);
}

}  // namespace
}  // namespace devproxy
