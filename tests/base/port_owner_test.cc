#include "base/port_owner.h"

#include "tests/base/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("port owner: finds this very process behind its own listener", "[base]") {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    CAPTURE(ip);
    const ListeningSocket listener(ip);
    if (listener.number() < 0) continue;  // a system without IPv6
    const auto owner = port_owner(ip, listener.port());
    REQUIRE(owner.has_value());
    REQUIRE(owner->process.has_value());
    CHECK(owner->process->pid == getpid());
    CHECK(owner->uid == getuid());
    CHECK(owner->address == ip);
    CHECK(owner->process->name.starts_with("test_"));
    CHECK(describe(*owner) == owner->process->name + " (pid " + std::to_string(getpid()) + ")");
  }
}

TEST_CASE("port owner: a listener on all addresses is in the way of one", "[base]") {
  const ListeningSocket listener("0.0.0.0");
  REQUIRE(listener.number() >= 0);
  const auto owner = port_owner("localhost", listener.port());
  REQUIRE(owner.has_value());
  CHECK(owner->address == "0.0.0.0");
  CHECK(owner->process.value().pid == getpid());
  CHECK_FALSE(port_owner("::1", listener.port()).has_value());
}

TEST_CASE("port owner: nobody owns a port that was closed, or a name", "[base]") {
  in_port_t port = 0;
  {
    const ListeningSocket listener("127.0.0.1");
    port = listener.port();
    CHECK_FALSE(port_owner("shop.localhost", port).has_value());
    CHECK_FALSE(port_owner("127.0.0.2", port).has_value());
  }
  CHECK_FALSE(port_owner("127.0.0.1", port).has_value());
}

TEST_CASE("port owner: a process is named, another user's by its user", "[base]") {
  const auto owner = [](const char* name) {
    PortOwner made;
    made.process = ProcessFacts{};
    made.process->pid = 812;
    made.process->name = name;
    return made;
  };
  CHECK(describe(owner("nginx")) == "nginx (pid 812)");
  CHECK(describe(owner("ba\x1b d")) == R"(ba\x1b d (pid 812))");
  CHECK(describe(owner("")) == "pid 812");
  CHECK(describe({std::nullopt, 0, "127.0.0.1"}) == "a process of user root");
  CHECK(describe({std::nullopt, 4'000'000'001U, "127.0.0.1"}) == "a process of user id 4000000001");
}

}  // namespace
}  // namespace devproxy
