// Where services can be: both loopback families, unix sockets, URLs.
#include "tests/support/edge.h"
#include "tests/support/websocket.h"

namespace devproxy {
namespace {

std::string named(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("endpoints: a service that listens on ::1 only is found behind its port",
          "[e2e][endpoint]") {
  FakeUpstream upstream(FakeUpstream::always(named("six")), FakeUpstream::Place::v6);
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  for (int i = 0; i < 3; ++i) CHECK(client.ask(get("a.localhost")).body == "six");
  CHECK(client.ask("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 2\r\n\r\nhi").body ==
        "six");
}

TEST_CASE("endpoints: a unix socket is a service like any other", "[e2e][endpoint]") {
  FakeUpstream upstream(FakeUpstream::always(named("unix")), FakeUpstream::Place::unix_socket);
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  for (int i = 0; i < 3; ++i) CHECK(client.ask(get("a.localhost")).body == "unix");
  CHECK(upstream.connections() == 1);
  const TextMessage request = parse_head(
      upstream.received().at(0).substr(0, upstream.received().at(0).find("\r\n\r\n") + 4));
  CHECK(request.field("host") == "a.localhost");
}

TEST_CASE("endpoints: a unix socket carries WebSockets, goes away and comes back",
          "[e2e][endpoint]") {
  FakeUpstream upstream(echo_websocket, FakeUpstream::Place::unix_socket);
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  CHECK(client.receive_head().status() == 101);
  client.send(websocket_frame("hello", true));
  CHECK(receive_websocket_frame(client) == "hello");
  upstream.stop_listening();
  upstream.set_script(FakeUpstream::always(named("again")));
  RawClient waiting(proxy.port());
  waiting.send(get("a.localhost"));
  CHECK_FALSE(waiting.has_input_within(std::chrono::milliseconds(200)));
  upstream.listen_again();
  CHECK(waiting.receive_final().body == "again");
}

TEST_CASE("endpoints: a url names addresses of both families and localhost", "[e2e][endpoint]") {
  FakeUpstream v4(FakeUpstream::always(named("four")));
  FakeUpstream v6(FakeUpstream::always(named("six")), FakeUpstream::Place::v6);
  TestProxy proxy(
      "[services.four]\nhost = \"four.localhost\"\nurl = \"http://127.0.0.1:" +
      std::to_string(v4.port()) +
      "\"\n[services.six]\nhost = \"six.localhost\"\nurl = \"http://[::1]:" +
      std::to_string(v6.port()) +
      "\"\n[services.name4]\nhost = \"name4.localhost\"\nurl = \"http://localhost:" +
      std::to_string(v4.port()) +
      "\"\n[services.below6]\nhost = \"below6.localhost\"\nurl = \"http://web.localhost:" +
      std::to_string(v6.port()) + "\"\n");
  CHECK(proxy.ask(get("four.localhost")).body == "four");
  CHECK(proxy.ask(get("six.localhost")).body == "six");
  CHECK(proxy.ask(get("name4.localhost")).body == "four");
  CHECK(proxy.ask(get("below6.localhost")).body == "six");  // whatever the system's resolver knows
  // Loopback preserves Host (product section 3, host_header).
  CHECK(v4.received().at(0).find("\r\nHost: four.localhost\r\n") != std::string::npos);
}

TEST_CASE("endpoints: a name that nobody knows is said to be so", "[e2e][endpoint]") {
  TestProxy proxy(
      "[services.a]\nhost = \"a.localhost\"\nurl = \"http://no-such-host.invalid:80\"\n");
  const TextMessage response = proxy.ask(get("a.localhost"));
  CHECK((response.status() == 502 || response.status() == 503));
  CHECK_THAT(response.body, ContainsSubstring("no-such-host.invalid"));
  CHECK_THAT(response.body, ContainsSubstring("Correct the url in devproxy.toml"));
}

}  // namespace devproxy
