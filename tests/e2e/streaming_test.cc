// Bytes go on when they come: server-sent events, slow chunks, heads before bodies.
#include <sstream>
#include <vector>

#include "tests/support/edge.h"

namespace devproxy {
namespace {

std::string hex(std::size_t number) {
  std::ostringstream text;
  text << std::hex << number;
  return text.str();
}

std::string event(int number) {
  return "id: " + std::to_string(number) + "\ndata: hello\n\n";
}

}  // namespace

TEST_CASE("streaming: server-sent events arrive one by one", "[e2e][stream]") {
  const bool chunked = GENERATE(true, false);
  constexpr int count = 20;
  std::vector<Gate> seen(count);
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(
        std::string(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n") +
        (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n"));
    for (int i = 0; i < count; ++i) {
      // In two chunks each.
      const std::string text = event(i);
      peer.send(chunked ? "a\r\n" + text.substr(0, 10) + "\r\n" : text);
      if (chunked) peer.send(hex(text.size() - 10) + "\r\n" + text.substr(10) + "\r\n");
      // The next event is written only when the client has this one.
      peer.wait_for(seen[static_cast<std::size_t>(i)]);
    }
    if (chunked) peer.send("0\r\n\r\n");
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  CHECK(client.receive_head().field("content-type") == "text/event-stream");
  for (int i = 0; i < count; ++i) {
    std::string text;
    while (text.size() < event(i).size()) text += client.receive_chunk();
    CHECK(text == event(i));
    seen[static_cast<std::size_t>(i)].open();
  }
  CHECK(client.receive_chunk().empty());
  CHECK(upstream.failure() == "");
}

TEST_CASE("streaming: a response's head does not wait for its body", "[e2e][stream]") {
  const std::string framing =
      GENERATE(std::string("Content-Length: 4\r\n"), std::string("Transfer-Encoding: chunked\r\n"),
               std::string("X: y\r\n"));
  Gate seen;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\n" + framing + "\r\n");
    peer.wait_for(seen);
    peer.send(framing[0] == 'T' ? "4\r\nbody\r\n0\r\n\r\n" : "body");
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  TextMessage response = client.receive_head();
  CHECK(response.status() == 200);
  seen.open();
  client.receive_body(response);
  CHECK(response.body == "body");
}

TEST_CASE("streaming: a request's pieces reach the service one by one", "[e2e][stream]") {
  const bool chunked = GENERATE(true, false);
  constexpr int count = 10;
  std::vector<Gate> seen(count);
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    for (int i = 0; i < count; ++i) {
      const std::string piece = chunked ? peer.receive_chunk() : peer.receive_exactly(5);
      if (piece != "piece") give_up("not the piece: " + piece);
      seen[static_cast<std::size_t>(i)].open();
    }
    if (chunked) peer.receive_until("0\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(std::string("POST / HTTP/1.1\r\nHost: a.localhost\r\n") +
              (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 50\r\n\r\n"));
  for (int i = 0; i < count; ++i) {
    client.send(chunked ? "5\r\npiece\r\n" : "piece");
    REQUIRE(seen[static_cast<std::size_t>(i)].wait());
  }
  if (chunked) client.send("0\r\n\r\n");
  CHECK(client.receive_final().status() == 200);
  CHECK(upstream.failure() == "");
}

TEST_CASE("streaming: an interim response does not wait for the final one", "[e2e][stream]") {
  Gate seen;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
    peer.wait_for(seen);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  CHECK(client.receive_message().status() == 103);
  seen.open();
  CHECK(client.receive_message().status() == 200);
}

}  // namespace devproxy
