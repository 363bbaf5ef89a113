// A client that goes away ends the work for it at once (product section 5, "Ends").
#include "tests/support/edge.h"

namespace devproxy {
namespace {

enum class Leave { closes, half_closes, resets };

void leave(RawClient& client, Leave how) {
  switch (how) {
    case Leave::closes:
      client.close();
      break;
    case Leave::half_closes:
      client.half_close();
      break;
    case Leave::resets:
      client.reset();
      break;
  }
}

}  // namespace

TEST_CASE("vanishing client: while it waits for the answer", "[e2e][stream]") {
  const Leave how = GENERATE(Leave::closes, Leave::half_closes, Leave::resets);
  Gate ended;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.receive_to_end();
    ended.open();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  upstream.wait_for_requests(1);
  leave(client, how);
  CHECK(ended.wait());
  CHECK(upstream.failure() == "");
}

TEST_CASE("vanishing client: in the middle of a download", "[e2e][stream]") {
  const Leave how = GENERATE(Leave::closes, Leave::resets);
  const std::string framing =
      GENERATE(std::string("Content-Length: 1000000000000\r\n"), std::string("X: y\r\n"));
  Gate ended;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\n" + framing + "\r\n");
    const std::string piece(65536, 'x');
    while (peer.try_send(piece)) {
    }
    ended.open();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  client.receive_exactly(1 << 20);
  leave(client, how);
  CHECK(ended.wait());
  CHECK(upstream.failure() == "");
}

TEST_CASE("vanishing client: while events are silent", "[e2e][stream]") {
  const Leave how = GENERATE(Leave::closes, Leave::resets);
  Gate ended;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
        "chunked\r\n\r\n7\r\ndata: 1\r\n");
    peer.receive_to_end();
    ended.open();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  client.receive_until("data: 1");
  leave(client, how);
  CHECK(ended.wait());
}

TEST_CASE("vanishing client: in the middle of an upload, which then never looks complete",
          "[e2e][stream]") {
  const Leave how = GENERATE(Leave::closes, Leave::half_closes, Leave::resets);
  const bool chunked = GENERATE(false, true);
  Gate ended;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    peer.receive_to_end();
    ended.open();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(std::string("POST / HTTP/1.1\r\nHost: a.localhost\r\n") +
              (chunked ? "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
                       : "Content-Length: 10\r\n\r\nhello"));
  upstream.wait_for_requests(1);
  leave(client, how);
  CHECK(ended.wait());
  const std::string received = upstream.received().at(0);
  CHECK(received.find("\r\n0\r\n\r\n") == std::string::npos);
  CHECK(upstream.failure() == "");
}

TEST_CASE("vanishing client: with pipelined requests behind", "[e2e][stream]") {
  Gate ended;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.receive_to_end();
    ended.open();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(get("a.localhost", "/1") + get("a.localhost", "/2") + get("a.localhost", "/3"));
  upstream.wait_for_requests(1);
  client.reset();
  CHECK(ended.wait());
  CHECK(proxy.ask(get("localhost")).status() == 404);
  CHECK(upstream.requests() == 1);
}

}  // namespace devproxy
