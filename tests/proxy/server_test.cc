// The listeners of a Server from one configuration to the next.
#include "proxy/server.h"

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "router/route_table.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

ListenAddress address(const char* host, std::uint16_t port, ListenOnly only = ListenOnly::any) {
  ListenAddress made;
  made.host = host;
  made.port = port;
  made.only = only;
  return made;
}

/// A Server that is given one list of listeners after another.
struct Running {
  Loop loop;
  Server server{loop, ServerOptions{"0123abcd", {}, {}}};

  Result<void> apply(std::vector<ListenAddress> listen) {
    Config config;
    config.proxy.listen = std::move(listen);
    return server.apply(config, RouteTable::build(config));
  }
};

}  // namespace

TEST_CASE("server: each of several listeners on port 0 is one of its own", "[proxy]") {
  Running running;
  const ListenAddress any = address("127.0.0.1", 0);
  const ListenAddress tls = address("127.0.0.1", 0, ListenOnly::tls);
  const ListenAddress plain = address("127.0.0.1", 0, ListenOnly::plain);
  REQUIRE(running.apply({any, tls}));
  const auto two = running.server.listeners();
  REQUIRE(two.size() == 2);
  CHECK(two[0].port != two[1].port);
  CHECK(two[0].only == ListenOnly::any);
  CHECK(two[1].only == ListenOnly::tls);

  REQUIRE(running.apply({any, plain, tls}));
  const auto three = running.server.listeners();
  REQUIRE(three.size() == 3);
  CHECK(three[0].port == two[0].port);
  CHECK(three[1].port == two[1].port);
  CHECK(three[1].only == ListenOnly::plain);
  CHECK(three[2].only == ListenOnly::tls);

  REQUIRE(running.apply({any}));
  const auto one = running.server.listeners();
  REQUIRE(one.size() == 1);
  CHECK(one[0].port == two[0].port);
}

TEST_CASE("server: a listener that is dropped is not in the way of its successor", "[proxy]") {
  Running running;
  REQUIRE(running.apply({address("127.0.0.1", 0)}));
  const std::uint16_t port = running.server.listeners().at(0).port;
  REQUIRE(running.apply({address("0.0.0.0", port)}));
  CHECK(running.server.listeners().at(0).host == "0.0.0.0");
  REQUIRE(running.apply({address("127.0.0.1", port)}));
  CHECK(running.server.listeners().at(0).port == port);
}

TEST_CASE("server: a listener that made way comes back when the configuration is refused",
          "[proxy]") {
  Running running;
  Running other;
  REQUIRE(running.apply({address("127.0.0.1", 0)}));
  REQUIRE(other.apply({address("127.0.0.1", 0)}));
  const std::uint16_t port = running.server.listeners().at(0).port;
  const std::uint16_t taken = other.server.listeners().at(0).port;
  const auto refused = running.apply({address("0.0.0.0", port), address("127.0.0.1", taken)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::taken);
  CHECK(running.server.listeners().at(0).host == "127.0.0.1");
  // It holds the address again.
  REQUIRE_FALSE(other.apply({address("127.0.0.1", port)}));
}

}  // namespace devproxy
