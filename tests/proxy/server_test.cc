// The listeners of a Server from one configuration to the next.
#include "proxy/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
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
  explicit Running(std::vector<InheritedSocket> inherited = {})
      : server(loop, options(std::move(inherited))) {}
  static ServerOptions options(std::vector<InheritedSocket> inherited) {
    ServerOptions options{"0123abcd", {}, {}};
    options.inherited = std::move(inherited);
    return options;
  }

  Loop loop;
  Server server;

  Result<void> apply(std::vector<ListenAddress> listen) {
    Config config;
    config.proxy.listen = std::move(listen);
    return server.apply(config, RouteTable::build(config));
  }
};

ListenAddress extra(const char* host, std::uint16_t port) {
  ListenAddress made = address(host, port);
  made.is_default = true;
  made.is_extra = true;
  return made;
}

/// A socket that somebody else has bound to any port of 127.0.0.1.
class Bound final {
 public:
  Bound() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
    REQUIRE(::listen(descriptor_, 1) == 0);
    const auto described = describe_inherited(descriptor_);
    REQUIRE(described);
    socket = *described;
  }
  ~Bound() { ::close(descriptor_); }
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

  InheritedSocket socket;

 private:
  int descriptor_;
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

TEST_CASE("server: an inherited socket is used instead of binding, again and again", "[proxy]") {
  const Bound bound;
  const std::uint16_t port = bound.socket.port;
  Running running({bound.socket});
  REQUIRE(running.apply({address("127.0.0.1", 0), address("127.0.0.1", port)}));
  CHECK(running.server.listeners().at(1).port == port);
  REQUIRE(running.apply({address("127.0.0.1", 0)}));
  REQUIRE(running.apply({address("127.0.0.1", port)}));
  CHECK(running.server.listeners().at(0).port == port);
  // One that was not inherited is taken.
  Running other;
  CHECK_FALSE(other.apply({address("127.0.0.1", port)}));
}

TEST_CASE("server: an extra address that is taken is gone without, until it is free", "[proxy]") {
  Running running;
  Running other;
  REQUIRE(other.apply({address("127.0.0.1", 0)}));
  const std::uint16_t taken = other.server.listeners().at(0).port;
  REQUIRE(running.apply({address("127.0.0.1", 0), extra("127.0.0.1", taken)}));
  CHECK(running.server.listeners().size() == 1);
  const std::vector<NotListening> missing{{"127.0.0.1", taken, Code::taken}};
  CHECK(running.server.not_listening() == missing);

  REQUIRE(other.apply({address("127.0.0.2", 0)}));
  REQUIRE(running.apply({address("127.0.0.1", 0), extra("127.0.0.1", taken)}));
  CHECK(running.server.listeners().size() == 2);
  CHECK(running.server.not_listening().empty());
}

TEST_CASE("server: half of an extra port is none", "[proxy]") {
  Running other;
  REQUIRE(other.apply({address("127.0.0.1", 0)}));
  const std::uint16_t port = other.server.listeners().at(0).port;
  Running running;
  // 127.0.0.2 stands for the family that is free.
  REQUIRE(
      running.apply({address("127.0.0.1", 0), extra("127.0.0.2", port), extra("127.0.0.1", port)}));
  CHECK(running.server.listeners().size() == 1);
  REQUIRE(running.server.not_listening().size() == 1);
  CHECK(running.server.not_listening().at(0).host == "127.0.0.1");
}

}  // namespace devproxy
