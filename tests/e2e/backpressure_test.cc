// Bodies stream: however slow one side is, the proxy keeps no more than its window (product section
// 5, "Bodies").
#include <vector>

#include "tests/support/byte_pattern.h"
#include "tests/support/edge.h"

namespace devproxy {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t allowed_growth = 24 << 20;  // shadow memory and quarantine come on top
constexpr std::size_t body_size = 64 << 20;
#else
constexpr std::size_t allowed_growth = 4 << 20;
constexpr std::size_t body_size = 256 << 20;
#endif
constexpr std::chrono::milliseconds stall{400};

TestProxy::Options lean() {
  TestProxy::Options options;
  options.environment = {{"ASAN_OPTIONS", "quarantine_size_mb=1"}};
  return options;
}

}  // namespace

TEST_CASE("back-pressure: a slow reader costs the window and not the body", "[e2e][stream]") {
  Gate stalled;
  Gate go_on;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body_size) + "\r\n\r\n");
    const std::size_t sent = send_pattern_until_stalled(peer, 0, body_size, stall);
    stalled.open();
    peer.wait_for(go_on);
    send_pattern(peer, sent, body_size);
    peer.receive_to_end();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n", lean());
  const std::size_t before = proxy.process().resident_bytes();
  RawClient client(proxy.port(), Family::v4, 16 << 10);
  client.send(get("a.localhost"));
  CHECK(client.receive_head().field("content-length") == std::to_string(body_size));
  REQUIRE(stalled.wait());
  CHECK(proxy.process().resident_bytes() < before + allowed_growth);
  go_on.open();
  CHECK(receive_pattern(client, body_size));
  CHECK(proxy.process().resident_bytes() < before + allowed_growth);
}

TEST_CASE("back-pressure: a service that does not read holds its client back", "[e2e][stream]") {
  Gate go_on;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    peer.wait_for(go_on);
    const bool right = receive_pattern(peer, body_size);
    peer.send(std::string("HTTP/1.1 ") + (right ? "200 OK" : "500 Wrong Bytes") +
              "\r\nContent-Length: 0\r\n\r\n");
    peer.receive_to_end();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n", lean());
  const std::size_t before = proxy.process().resident_bytes();
  RawClient client(proxy.port());
  client.send("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: " +
              std::to_string(body_size) + "\r\n\r\n");
  const std::size_t sent = send_pattern_until_stalled(client, 0, body_size, stall);
  CHECK(sent < body_size);
  CHECK(proxy.process().resident_bytes() < before + allowed_growth);
  go_on.open();
  send_pattern(client, sent, body_size);
  CHECK(client.receive_final().status() == 200);
  CHECK(proxy.process().resident_bytes() < before + allowed_growth);
}

TEST_CASE("back-pressure: a stalled client does not slow another one down", "[e2e][stream]") {
  Gate stalled;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      if (request.target() == "/quick") {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nquick");
        continue;
      }
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body_size) + "\r\n\r\n");
      send_pattern_until_stalled(peer, 0, body_size, stall);
      stalled.open();
      peer.receive_to_end();
      return;
    }
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n", lean());
  RawClient slow(proxy.port(), Family::v4, 16 << 10);
  slow.send(get("a.localhost"));
  REQUIRE(stalled.wait());
  RawClient quick(proxy.port());
  for (int i = 0; i < 100; ++i) CHECK(quick.ask(get("a.localhost", "/quick")).body == "quick");
}

TEST_CASE("back-pressure: a client that asks on and on without reading is held back",
          "[e2e][stream]") {
  TestProxy proxy("[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n",
                  lean());
  const std::size_t before = proxy.process().resident_bytes();
  RawClient client(proxy.port(), Family::v4, 16 << 10);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += get("r.localhost");
  const std::size_t one = get("r.localhost").size();
  // Each answer is larger than its request: whoever keeps them all grows without end.
  constexpr std::size_t rounds = 500;
  std::size_t sent = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t now = client.send_until_stalled(many, stall);
    sent += now;
    if (now < many.size()) break;
  }
  CHECK(sent < rounds * many.size());
  CHECK(proxy.process().resident_bytes() < before + allowed_growth);
  std::size_t right = 0;
  for (std::size_t i = 0; i < sent / one; ++i) {
    if (client.receive_message().status() == 308) ++right;
  }
  CHECK(right == sent / one);
}

TEST_CASE("back-pressure: a pipelined upload to a service that is held waits with its client",
          "[e2e][stream]") {
  Gate answer;
  FakeUpstream busy([&](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.wait_for(answer);
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  });
  FakeUpstream gone(FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + busy.target() +
                      "\n[services.b]\nhost = \"b.localhost\"\n" + gone.target() + "\n",
                  lean());
  CHECK(proxy.ask(get("b.localhost")).status() == 200);
  gone.stop_listening();
  gone.drop_connections();
  const std::size_t before = proxy.process().resident_bytes();
  RawClient client(proxy.port());
  client.send(get("a.localhost") + "POST / HTTP/1.1\r\nHost: b.localhost\r\nContent-Length: " +
              std::to_string(body_size) + "\r\n\r\n" + std::string(1000, 'x'));
  busy.wait_for_requests(1);
  answer.open();
  CHECK(client.receive_final().status() == 200);
  CHECK(send_pattern_until_stalled(client, 0, body_size, stall) < body_size);
  CHECK(proxy.process().resident_bytes() < before + allowed_growth);
}

TEST_CASE("back-pressure: interim responses that nobody reads are left out", "[e2e][stream]") {
  Gate flooded;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    const std::string hints =
        "HTTP/1.1 103 Early Hints\r\nLink: <" + std::string(4000, 'x') + ">; rel=preload\r\n\r\n";
    for (std::size_t sent = 0; sent < body_size; sent += hints.size()) {
      if (!peer.try_send(hints)) break;
    }
    flooded.open();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone");
    peer.receive_to_end();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n", lean());
  const std::size_t before = proxy.process().resident_bytes();
  RawClient client(proxy.port(), Family::v4, 16 << 10);
  client.send(get("a.localhost"));
  REQUIRE(flooded.wait());
  CHECK(proxy.process().resident_bytes() < before + allowed_growth);
  CHECK(client.receive_final().body == "done");
}

}  // namespace devproxy
