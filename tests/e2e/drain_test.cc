// The end of the proxy: running exchanges finish, nothing new begins, a second signal ends at once.
#include <signal.h>

#include "tests/support/edge.h"
#include "tests/support/websocket.h"

namespace devproxy {
namespace {

/// Answers when the test opens the gate; a body's first half is sent before.
FakeUpstream::Script half_then_wait(const Gate& gate) {
  return [&gate](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
      peer.wait_for(gate);
      peer.send("later");
    }
  };
}

}  // namespace

TEST_CASE("drain: without work the program ends at once with 0", "[e2e][drain]") {
  const int number = GENERATE(SIGTERM, SIGINT);
  TestProxy proxy("[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n");
  RawClient idle(proxy.port());
  CHECK(idle.ask(get("r.localhost")).status() == 308);
  proxy.process().signal(number);
  CHECK(proxy.process().wait().code == 0);
  CHECK(idle.await_end() == Wire::End::fin);
}

TEST_CASE("drain: a running exchange finishes, a new connection is refused", "[e2e][drain]") {
  const int number = GENERATE(SIGTERM, SIGINT);
  Gate go_on;
  FakeUpstream upstream(half_then_wait(go_on));
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  client.receive_until("first");
  RawClient idle(proxy.port());
  CHECK(idle.ask(get("localhost")).status() == 404);
  proxy.process().signal(number);
  // The end of an idle connection tells that draining has begun.
  CHECK(idle.await_end() == Wire::End::fin);
  CHECK_FALSE(is_listening(Family::v4, proxy.port()));
  CHECK(proxy.process().is_running());
  go_on.open();
  CHECK(client.receive_to_end() == "later");
  CHECK(client.end() == Wire::End::fin);
  CHECK(proxy.process().wait().code == 0);
}

TEST_CASE("drain: a response that begins while draining says close", "[e2e][drain]") {
  Gate go_on;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.wait_for(go_on);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  upstream.wait_for_requests(1);
  RawClient idle(proxy.port());
  CHECK(idle.ask(get("localhost")).status() == 404);
  proxy.process().signal(SIGTERM);
  CHECK(idle.await_end() == Wire::End::fin);
  go_on.open();
  const TextMessage response = client.receive_final();
  CHECK(response.body == "ok");
  CHECK(response.field("connection") == "close");
  CHECK(client.await_end() == Wire::End::fin);
  CHECK(proxy.process().wait().code == 0);
}

TEST_CASE("drain: a second signal ends at once", "[e2e][drain]") {
  const int first = GENERATE(SIGTERM, SIGINT);
  const int second = GENERATE(SIGTERM, SIGINT);
  Gate never;
  FakeUpstream upstream(half_then_wait(never));
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  client.receive_until("first");
  RawClient idle(proxy.port());
  CHECK(idle.ask(get("localhost")).status() == 404);
  proxy.process().signal(first);
  CHECK(idle.await_end() == Wire::End::fin);
  const auto began = std::chrono::steady_clock::now();
  proxy.process().signal(second);
  proxy.process().wait();
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(2500));
  // What was cut off must not look complete.
  client.receive_to_end();
  CHECK(client.end() != Wire::End::open);
  never.open();
}

TEST_CASE("drain: an open WebSocket does not keep the program alive", "[e2e][drain]") {
  FakeUpstream upstream(echo_websocket);
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  CHECK(client.receive_head().status() == 101);
  proxy.process().signal(SIGTERM);
  CHECK(proxy.process().wait().code == 0);
  client.receive_to_end();
  CHECK(client.end() != Wire::End::open);
}

TEST_CASE("drain: a held request does not keep the program alive", "[e2e][drain]") {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  TestProxy proxy(routes_to(upstream) + "hold = \"10m\"\n");
  CHECK(proxy.ask(get("a.localhost")).status() == 200);
  upstream.stop_listening();
  upstream.drop_connections();
  upstream.wait_until_idle();
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  CHECK_FALSE(client.has_input_within(std::chrono::milliseconds(200)));
  proxy.process().signal(SIGTERM);
  CHECK(proxy.process().wait().code == 0);
  client.receive_to_end();
  CHECK(client.end() != Wire::End::open);
}

}  // namespace devproxy
