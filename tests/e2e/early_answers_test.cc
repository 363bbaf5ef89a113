// Answers that come before the request is complete, and requests that wait for a 100 (RFC
// 9110 10.1.1, RFC 9112 9.6).
#include "tests/support/edge.h"

namespace devproxy {
namespace {

const std::string too_large =
    "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large";

/// Sends a large upload until the other side breaks or has all of it.
void upload(RawClient& client, bool chunked, std::size_t size) {
  std::string piece(65536, 'x');
  client.send("POST /up HTTP/1.1\r\nHost: a.localhost\r\n" +
              (chunked ? std::string("Transfer-Encoding: chunked")
                       : "Content-Length: " + std::to_string(size)) +
              "\r\n\r\n");
  for (std::size_t sent = 0; sent < size; sent += piece.size()) {
    if (chunked && !client.try_send("10000\r\n")) return;
    if (!client.try_send(piece)) return;
    if (chunked && !client.try_send("\r\n")) return;
  }
  if (chunked) client.try_send("0\r\n\r\n");
}

}  // namespace

TEST_CASE("early answers: a service that refuses an upload and reads no more is heard",
          "[e2e][stream]") {
  const bool chunked = GENERATE(false, true);
  enum class Way { lingers, closes };
  const Way way = GENERATE(Way::lingers, Way::closes);
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    peer.send(too_large);
    // Closing with unread input resets the connection: the proxy's writes fail while the answer
    // waits to be read.
    if (way == Way::closes) return;
    peer.half_close();
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  for (int i = 0; i < 5; ++i) {
    RawClient client(proxy.port());
    upload(client, chunked, 16 << 20);
    const TextMessage response = client.receive_message();
    CHECK(response.status() == 413);
    CHECK(response.body == "too large");
  }
}

TEST_CASE("early answers: a service that answers first and reads on gets all of it",
          "[e2e][stream]") {
  constexpr std::size_t size = 4 << 20;
  Gate answered;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n");
    peer.receive_body(request);
    peer.send(request.body.size() == size ? "3\r\nall\r\n0\r\n\r\n" : "4\r\nlost\r\n0\r\n\r\n");
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send("POST /up HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: " + std::to_string(size) +
              "\r\n\r\nx");
  CHECK(client.receive_head().status() == 200);
  CHECK(client.receive_chunk() == "early");
  client.send(std::string(size - 1, 'x'));
  CHECK(client.receive_chunk() == "all");
}

TEST_CASE("early answers: the proxy's own answer to a large upload arrives", "[e2e][stream]") {
  TestProxy proxy("[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n");
  for (int i = 0; i < 5; ++i) {
    RawClient client(proxy.port());
    upload(client, i % 2 == 0, 128 << 10);
    CHECK(client.receive_message().status() == 404);
  }
}

TEST_CASE("early answers: Expect: 100-continue is forwarded and its 100 comes from the service",
          "[e2e][stream]") {
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    while (peer.receive_request_head(request)) {
      if (request.field("expect") == "100-continue")
        peer.send("HTTP/1.1 100 Continue\r\nX-From: service\r\n\r\n");
      peer.receive_body(request);
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + request.body);
    }
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  for (int i = 0; i < 3; ++i) {
    client.send(
        "PUT / HTTP/1.1\r\nHost: a.localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    const TextMessage interim = client.receive_message();
    CHECK(interim.status() == 100);
    CHECK(interim.field("x-from") == "service");
    client.send("hello");
    CHECK(client.receive_message().body == "hello");
  }
}

TEST_CASE("early answers: a 100 is never invented", "[e2e][stream]") {
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    peer.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    peer.half_close();
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(
      "PUT / HTTP/1.1\r\nHost: a.localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.receive_message().status() == 417);
  CHECK(upstream.received().at(0).find("hello") == std::string::npos);
}

TEST_CASE("early answers: the proxy's own answer to Expect is the final one", "[e2e][stream]") {
  TestProxy proxy("[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n");
  RawClient client(proxy.port());
  client.send(
      "PUT / HTTP/1.1\r\nHost: r.localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.receive_message().status() == 308);
}

}  // namespace devproxy
