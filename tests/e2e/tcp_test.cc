// Stable TCP ports: bytes, ends and resets go through as if the two sides were connected directly.
#include <memory>
#include <vector>

#include "base/json.h"
#include "tests/support/byte_pattern.h"
#include "tests/support/edge.h"
#include "tests/support/tcp_service.h"

namespace devproxy {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t tcp_growth = 24 << 20;  // shadow memory and quarantine come on top
#else
constexpr std::size_t tcp_growth = 4 << 20;
#endif
constexpr std::size_t large = 64 << 20;
constexpr std::chrono::milliseconds tcp_stall{400};

TestProxy::Options with_access_log() {
  TestProxy::Options options;
  options.access_log = true;
  options.environment = {{"ASAN_OPTIONS", "quarantine_size_mb=1"}};
  return options;
}

/// The line of the access log for the next connection that ends.
Json ended_connection(TestProxy& proxy, std::size_t from = 0) {
  return parse_json(proxy.process().wait_for_line(
      [](const std::string& line) {
        return line.find("\"event\":\"connection\"") != std::string::npos;
      },
      from));
}

}  // namespace

TEST_CASE("tcp: what goes in comes out, on both families", "[e2e][tcp]") {
  const Family family = GENERATE(Family::v4, Family::v6);
  const auto place =
      GENERATE(FakeUpstream::Place::v4, FakeUpstream::Place::v6, FakeUpstream::Place::unix_socket);
  FakeUpstream service(echo, place);
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service), with_access_log());
  RawClient client(port.number(), family);
  client.send("hello");
  CHECK(client.receive_exactly(5) == "hello");
  client.send(std::string_view("\0\xff\x16\x03\x01", 5));
  CHECK(client.receive_exactly(5) == std::string("\0\xff\x16\x03\x01", 5));
  client.half_close();
  CHECK(client.await_end() == Wire::End::fin);
  const auto event = ended_connection(proxy);
  CHECK(event["method"] == "TCP");
  CHECK(event["service"] == "db");
  CHECK(event["protocol"] == "tcp");
  const std::string address = family == Family::v4 ? "127.0.0.1" : "[::1]";
  CHECK(event["host"] == address + ":" + std::to_string(port.number()));
  CHECK(event["bytes_in"] == 10);
  CHECK(event["bytes_out"] == 10);
  CHECK(event["note"] == "closed by the client");
}

TEST_CASE("tcp: a service may speak first", "[e2e][tcp]") {
  FakeUpstream service([](Peer& peer) {
    peer.send("220 ready\r\n");
    peer.receive_to_end();
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service), with_access_log());
  RawClient client(port.number());
  CHECK(client.receive_until("\r\n") == "220 ready\r\n");
}

TEST_CASE("tcp: a client's half-close reaches the service, whose answer still comes",
          "[e2e][tcp]") {
  FakeUpstream service([](Peer& peer) {
    const std::string all = peer.receive_to_end();
    peer.send("got " + std::to_string(all.size()));
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service));
  RawClient client(port.number());
  client.send(std::string(100'000, 'x'));
  client.half_close();
  CHECK(client.receive_to_end() == "got 100000");
  CHECK(client.end() == Wire::End::fin);
  CHECK(service.failure().empty());
}

TEST_CASE("tcp: a service's half-close reaches the client, who may go on", "[e2e][tcp]") {
  FakeUpstream service([](Peer& peer) {
    peer.send("bye");
    peer.half_close();
    peer.receive_to_end();
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service), with_access_log());
  RawClient client(port.number());
  CHECK(client.receive_to_end() == "bye");
  CHECK(client.end() == Wire::End::fin);
  client.send(std::string(100'000, 'x'));
  client.half_close();
  service.wait_until_idle();
  CHECK(service.received().at(0).size() == 100'000);
  CHECK(service.failure().empty());
  CHECK(ended_connection(proxy)["note"] == "closed by the service");
}

TEST_CASE("tcp: a reset on one side is a reset on the other", "[e2e][tcp]") {
  const bool by_client = GENERATE(true, false);
  const bool after_end = GENERATE(false, true);
  CAPTURE(by_client, after_end);
  Gate go_on;
  Wire::End seen = Wire::End::open;
  FakeUpstream service([&](Peer& peer) {
    peer.receive_exactly(5);
    peer.send("hello");
    if (by_client && after_end) {
      // Behind the client's half-close only a write can tell that it is gone.
      peer.receive_to_end();
      peer.wait_for(go_on);
      bool is_taken = true;
      for (const WaitLimit limit; is_taken && !limit.is_over();) {
        is_taken = peer.try_send("more");
        wait_ready(peer.fd(), 0, WaitLimit(std::chrono::milliseconds(5)));
      }
      if (!is_taken) seen = Wire::End::reset;
    } else if (by_client) {
      peer.receive_to_end();
      seen = peer.end();
    } else {
      if (after_end) peer.receive_to_end();
      peer.reset();
    }
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service), with_access_log());
  RawClient client(port.number());
  client.send("hello");
  CHECK(client.receive_exactly(5) == "hello");
  if (after_end) client.half_close();
  if (by_client) {
    client.reset();
    go_on.open();
    service.wait_until_idle();
    CHECK(seen == Wire::End::reset);
  } else {
    CHECK(client.await_end() == Wire::End::reset);
  }
  CHECK(service.failure().empty());
  CHECK(ended_connection(proxy)["note"] ==
        (by_client ? "reset by the client" : "reset by the service"));
}

TEST_CASE("tcp: what a client sent before it left arrives, then the service learns of it",
          "[e2e][tcp]") {
  Gate gone;
  FakeUpstream service([&](Peer& peer) {
    peer.wait_for(gone);
    // Nobody takes this any more.
    peer.try_send("answer");
    peer.receive_to_end();
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service), with_access_log());
  {
    RawClient client(port.number());
    service.wait_for_connections(1);
    client.send("QUIT\r\n");
    client.close();
  }
  gone.open();
  service.wait_until_idle();
  CHECK(service.received().at(0) == "QUIT\r\n");
  ended_connection(proxy);
}

TEST_CASE("tcp: a slow client costs the window and not the bytes", "[e2e][tcp]") {
  Gate stalled;
  Gate go_on;
  FakeUpstream service([&](Peer& peer) {
    const std::size_t sent = send_pattern_until_stalled(peer, 0, large, tcp_stall);
    stalled.open();
    peer.wait_for(go_on);
    send_pattern(peer, sent, large);
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service), with_access_log());
  const std::size_t before = proxy.process().resident_bytes();
  RawClient client(port.number(), Family::v4, 16 << 10);
  REQUIRE(stalled.wait());
  CHECK(proxy.process().resident_bytes() < before + tcp_growth);
  go_on.open();
  CHECK(receive_pattern(client, large));
  CHECK(proxy.process().resident_bytes() < before + tcp_growth);
  CHECK(client.await_end() == Wire::End::fin);
}

TEST_CASE("tcp: a slow service holds its client back", "[e2e][tcp]") {
  Gate go_on;
  bool right = false;
  FakeUpstream service([&](Peer& peer) {
    peer.wait_for(go_on);
    right = receive_pattern(peer, large);
    peer.receive_to_end();
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service), with_access_log());
  const std::size_t before = proxy.process().resident_bytes();
  RawClient client(port.number());
  const std::size_t sent = send_pattern_until_stalled(client, 0, large, tcp_stall);
  CHECK(sent < large);
  CHECK(proxy.process().resident_bytes() < before + tcp_growth);
  go_on.open();
  send_pattern(client, sent, large);
  client.half_close();
  CHECK(client.await_end() == Wire::End::fin);
  CHECK(right);
  CHECK(proxy.process().resident_bytes() < before + tcp_growth);
  CHECK(ended_connection(proxy)["bytes_in"] == large);
}

TEST_CASE("tcp: more clients than descriptors wait their turn, and all are served", "[e2e][tcp]") {
  FakeUpstream service(echo);
  const ReservedPair port;
  TestProxy::Options options;
  options.descriptors = 80;
  TestProxy proxy(listening_on(port, service), options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<RawClient>(port.number()));
    clients.back()->send("hello");
  }
  for (const auto& client : clients) {
    CHECK(client->receive_exactly(5) == "hello");
    client->close();
  }
  CHECK(proxy.process().is_running());
}

TEST_CASE("tcp: a port beside a host serves both", "[e2e][tcp]") {
  FakeUpstream service(FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service, "host = \"db.localhost\"\n"));
  CHECK(proxy.ask(get("db.localhost")).body == "ok");
  CHECK(RawClient(port.number()).ask(get("whatever.example")).body == "ok");
}

}  // namespace devproxy
