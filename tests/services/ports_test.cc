#include <netinet/in.h>
#include <sys/socket.h>

#include <set>

#include "services/assigned_port.h"
#include "services/held_port.h"
#include "services/port_book.h"
#include "services/remembered_ports.h"
#include "tests/support/process.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Dirs dirs_in(const TempDir& folder) {
  return {folder.file("config"), folder.file("state"), folder.file("run")};
}

/// What a server that has the port to itself would see.
bool can_be_bound(std::uint16_t port) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// Somebody who listens on a port that could be assigned.
struct Stranger {
  static std::uint16_t find() {
    std::uint16_t port = assigned_ports.last;
    while (!can_be_bound(port)) --port;
    return port;
  }
  std::uint16_t port = find();
  Descriptor socket = listen_on(Family::v4, port);
};

TEST_CASE("ports: the preferred one is always the same, and differs by folder and service",
          "[services]") {
  const std::uint16_t port = preferred_port("/home/x/shop", "api");
  CHECK(port == preferred_port("/home/x/shop", "api"));
  CHECK(port != preferred_port("/home/x/shop", "web"));
  CHECK(port != preferred_port("/home/x/shop-fix", "api"));
  // The end of one is not the beginning of the other.
  CHECK(preferred_port("/a", "bc") != preferred_port("/ab", "c"));
  // Written down: another version must not give everybody other ports.
  CHECK(preferred_port("/home/x/shop", "api") == 27671);
}

TEST_CASE("ports: every preferred port may be assigned", "[services]") {
  const KernelPorts linux_usual{{32768, 60999}, {}, 1024};
  for (int i = 0; i < 20000; ++i) {
    const std::uint16_t port = preferred_port("/p", "s" + std::to_string(i));
    REQUIRE(may_be_assigned(port, linux_usual));
    REQUIRE(assigned_ports.contains(port_after(port)));
  }
}

TEST_CASE("ports: the ephemeral range is avoided while there is anything else", "[services]") {
  const auto may = [](std::uint16_t port, PortSpan ephemeral) {
    return may_be_assigned(port, {ephemeral, {}, 1024});
  };
  CHECK_FALSE(may(25000, {24000, 60999}));
  CHECK(may(23999, {24000, 60999}));
  CHECK(may(25000, {1024, 65535}));
  CHECK_FALSE(may(19999, {32768, 60999}));
}

TEST_CASE("ports: a held port is nobody else's until it is released", "[services]") {
  auto held = HeldPort::hold(Stranger::find());
  REQUIRE(held);
  CHECK(held->sockets().size() >= 1);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(held->sockets().front(), reinterpret_cast<sockaddr*>(&address), &size);
  const std::uint16_t port = ntohs(address.sin_port);
  CHECK_FALSE(can_be_bound(port));
  held->release();
  CHECK(can_be_bound(port));
}

TEST_CASE("ports: a listener is named when its port is wanted", "[services]") {
  const Stranger listener;
  const auto held = HeldPort::hold(listener.port);
  REQUIRE_FALSE(held);
  CHECK(held.error().code == Code::taken);
  CHECK_THAT(held.error().detail,
             ContainsSubstring("port " + std::to_string(listener.port) + " is taken by"));
  CHECK_THAT(held.error().detail, ContainsSubstring("(pid "));
}

TEST_CASE("ports: the book gives each service a port of its own and remembers it", "[services]") {
  const TempDir folder;
  std::uint16_t api = 0;
  {
    PortBook book(dirs_in(folder), folder.path());
    const auto first = book.assign("api");
    REQUIRE(first);
    api = *first;
    CHECK(book.assign("api") == api);
    const auto web = book.assign("web");
    REQUIRE(web);
    CHECK(*web != api);
    CHECK(book.lease("api")->port() == api);
    CHECK(book.lease("nobody") == nullptr);
    CHECK_FALSE(can_be_bound(api));
    book.keep_only({"web"});
    CHECK(can_be_bound(api));
  }
  PortBook again(dirs_in(folder), folder.path());
  CHECK(again.assign("api") == api);
  CHECK(RememberedPorts::read(folder.file("state")).find(real_path(folder.path()), "api") == api);
}

TEST_CASE("ports: a stranger on the remembered port costs it for this time only", "[services]") {
  const TempDir folder;
  const std::string root = real_path(folder.path());
  const Stranger stranger;
  RememberedPorts list;
  list.add(stranger.port, root, "api");
  REQUIRE(list.write(folder.file("state")));
  {
    PortBook book(dirs_in(folder), root);
    const auto port = book.assign("api");
    REQUIRE(port);
    CHECK(*port != stranger.port);
    CHECK(RememberedPorts::read(folder.file("state")).find(root, "api") == stranger.port);
    // It goes on until the service has to give it up.
    CHECK(book.assign("api") == *port);
  }
}

TEST_CASE("ports: what the file gives to somebody else is left to it", "[services]") {
  const TempDir folder;
  PortBook book(dirs_in(folder), folder.path());
  const std::uint16_t wanted = preferred_port(real_path(folder.path()), "api");
  const auto port = book.assign("api", {wanted});
  REQUIRE(port);
  CHECK(*port != wanted);
  CHECK(book.assign("api", {wanted}) == *port);
  // Also when it is named only later.
  const auto other = book.assign("api", {wanted, *port});
  REQUIRE(other);
  CHECK(*other != *port);
}

TEST_CASE("ports: a lease holds again before the next start, unless somebody came between",
          "[services]") {
  const TempDir folder;
  PortBook book(dirs_in(folder), folder.path());
  REQUIRE(book.assign("api"));
  const auto lease = book.lease("api");
  CHECK(lease->held().is_held());
  lease->release();
  CHECK(can_be_bound(lease->port()));
  CHECK(lease->hold());
  CHECK_FALSE(can_be_bound(lease->port()));
  lease->release();
  const Descriptor stranger = listen_on(Family::v4, lease->port());
  const auto held = lease->hold();
  REQUIRE_FALSE(held);
  CHECK(held.error().code == Code::taken);
  book.give_up("api");
  const auto other = book.assign("api");
  REQUIRE(other);
  CHECK(*other != lease->port());
}

TEST_CASE("ports: what another devproxy has assigned is left to it", "[services]") {
  const TempDir folder;
  std::optional<PortLocks> ours;
  {
    auto opened = PortLocks::open(folder.file("run"));
    REQUIRE(opened);
    ours.emplace(std::move(*opened));
  }
  CHECK(ours->lock(20'001));
  // Locks are a process's: ask from another one.
  const auto finished =
      run(Command{{"/usr/bin/env", "python3", "-c",
                   "import fcntl,sys\n"
                   "f=open(sys.argv[1],'r+b')\n"
                   "for n in (20001,20002):\n"
                   "  try: fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB,1,n); print('free')\n"
                   "  except OSError: print('locked')\n",
                   folder.file("run/ports.lock")},
                  folder.path(),
                  {},
                  {}});
  CHECK(finished.output == "locked\nfree\n");
}

TEST_CASE("ports: the list can be read by people, and lines that nobody understands are left out",
          "[services]") {
  RememberedPorts list = RememberedPorts::parse(
      "# a comment\n20001 api /home/x/my shop\nrubbish\n99 web /x\n70000 web /x\n20002 web \n");
  CHECK(list.find("/home/x/my shop", "api") == 20001);
  CHECK(list.knows(20001));
  CHECK_FALSE(list.knows(99));
  list.add(20003, "/line\nend", "x");
  const RememberedPorts again = RememberedPorts::parse(list.text());
  CHECK(again.find("/line\nend", "x") == 20003);
  list.forget_missing_folders();
  CHECK_FALSE(list.knows(20001));
}

}  // namespace
}  // namespace devproxy
