#include "base/socket_holders.h"

#include <sys/wait.h>

#include <algorithm>

#include "tests/base/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TcpSocket socket_of(const ListeningSocket& listener) {
  for (const TcpSocket& socket : listening_sockets()) {
    if (socket.local.port == listener.port()) return socket;
  }
  return {};
}

TEST_CASE("socket holders: all sockets are found in one walk, in their order", "[base]") {
  const ListeningSocket first("127.0.0.1");
  const ListeningSocket second("127.0.0.1");
  TcpSocket nobodys = socket_of(first);
  nobodys.inode = UINT64_MAX;
  nobodys.pid.reset();
  TcpSocket without_inode = nobodys;
  without_inode.inode = 0;
  const auto holders =
      holders_of({socket_of(second), nobodys, socket_of(first), without_inode, socket_of(second)});
  REQUIRE(holders.size() == 5);
  CHECK(holders[0] == getpid());
  CHECK_FALSE(holders[1].has_value());
  CHECK(holders[2] == getpid());
  CHECK_FALSE(holders[3].has_value());
  CHECK(holders[4] == getpid());
  CHECK(holders_of({}).empty());
}

TEST_CASE("socket holders: of parent and child the parent is named, then the child", "[base]") {
  const ListeningSocket listener("127.0.0.1");
  int go_on[2];
  REQUIRE(pipe(go_on) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(go_on[1]);
    char end = 0;
    static_cast<void>(!read(go_on[0], &end, 1));  // until the test closes its end
    _exit(0);
  }
  close(go_on[0]);
  const TcpSocket socket = socket_of(listener);
  CHECK(holders_of({socket}).front() == std::min(getpid(), child));
  close(listener.number());
  CHECK(holders_of({socket}).front() == child);
  close(go_on[1]);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace devproxy
