// WebSocket through the proxy (RFC 6455): the upgrade, frames both ways, half-closes, refusals.
#include "tests/support/websocket.h"

#include "base/text.h"
#include "tests/support/edge.h"

namespace devproxy {
TEST_CASE("websocket: frames go both ways", "[e2e][websocket]") {
  FakeUpstream upstream(echo_websocket);
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  const TextMessage answer = client.receive_head();
  CHECK(answer.status() == 101);
  CHECK(answer.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(lower(answer.field("upgrade")) == "websocket");
  CHECK(lower(answer.field("connection")) == "upgrade");
  CHECK(!answer.has("content-length"));
  CHECK(!answer.has("transfer-encoding"));
  for (const std::string& text : {std::string("hello"), std::string(), std::string(60'000, 'x')}) {
    client.send(websocket_frame(text, true));
    CHECK(receive_websocket_frame(client) == text);
  }
  client.send_bytewise(websocket_frame("slowly", true));
  CHECK(receive_websocket_frame(client) == "slowly");
}

TEST_CASE(
    "websocket: the upgrade reaches the service with subprotocols and extensions, and so does its "
    "answer",
    "[e2e][websocket]") {
  FakeUpstream upstream([](Peer& peer) {
    peer.receive_head();
    peer.send(
        websocket_answer("Sec-WebSocket-Protocol: vite-hmr\r\nSec-WebSocket-Extensions: "
                         "permessage-deflate\r\nX-A: b\r\n"));
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(
      "GET /hmr?token=x HTTP/1.1\r\nHost: a.localhost\r\nConnection: keep-alive, "
      "Upgrade\r\nUpgrade: WebSocket\r\nOrigin: "
      "http://a.localhost\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
      "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: "
      "vite-hmr, vite-ping\r\nSec-WebSocket-Extensions: permessage-deflate; "
      "client_max_window_bits\r\n\r\n");
  const TextMessage answer = client.receive_head();
  CHECK(answer.status() == 101);
  CHECK(answer.field("sec-websocket-protocol") == "vite-hmr");
  CHECK(answer.field("sec-websocket-extensions") == "permessage-deflate");
  CHECK(answer.field("x-a") == "b");
  const TextMessage request = parse_head(upstream.received().at(0));
  CHECK(request.target() == "/hmr?token=x");
  CHECK(lower(request.field("upgrade")) == "websocket");
  CHECK(lower(request.field("connection")) == "upgrade");
  CHECK(request.field("origin") == "http://a.localhost");
  CHECK(request.field("sec-websocket-key") == "dGhlIHNhbXBsZSBub25jZQ==");
  CHECK(request.field("sec-websocket-version") == "13");
  CHECK(request.field("sec-websocket-protocol") == "vite-hmr, vite-ping");
  CHECK(request.field("sec-websocket-extensions") == "permessage-deflate; client_max_window_bits");
  CHECK(request.field("x-forwarded-for") == "127.0.0.1");
  CHECK(request.has("via"));
}

TEST_CASE("websocket: what stands right behind the 101 is not lost", "[e2e][websocket]") {
  const bool bytewise = GENERATE(false, true);
  const std::string text = GENERATE(std::string("hi"), std::string(60'000, 'y'));
  FakeUpstream upstream([&](Peer& peer) {
    peer.receive_head();
    const std::string all =
        websocket_answer() + websocket_frame(text, false) + websocket_frame("second", false);
    if (bytewise && text.size() < 100) {
      peer.send_bytewise(all);
    } else {
      peer.send(all);
    }
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  CHECK(client.receive_head().status() == 101);
  CHECK(receive_websocket_frame(client) == text);
  CHECK(receive_websocket_frame(client) == "second");
}

TEST_CASE("websocket: what a client sends right behind its upgrade is not lost either",
          "[e2e][websocket]") {
  FakeUpstream upstream(echo_websocket);
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost") + websocket_frame("impatient", true));
  CHECK(client.receive_head().status() == 101);
  CHECK(receive_websocket_frame(client) == "impatient");
}

TEST_CASE("websocket: the client's half-close is one, and the service may go on",
          "[e2e][websocket]") {
  FakeUpstream upstream([](Peer& peer) {
    peer.receive_head();
    peer.send(websocket_answer());
    const std::string all = peer.receive_to_end();
    if (peer.end() != Wire::End::fin) give_up("not a half-close");
    peer.send("got " + std::to_string(all.size()));
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  client.receive_head();
  client.send("last words");
  client.half_close();
  CHECK(client.receive_to_end() == "got 10");
  CHECK(client.end() == Wire::End::fin);
  CHECK(upstream.failure() == "");
}

TEST_CASE("websocket: the service's half-close is one, and the client may go on",
          "[e2e][websocket]") {
  Gate got;
  FakeUpstream upstream([&](Peer& peer) {
    peer.receive_head();
    peer.send(websocket_answer() + "goodbye");
    peer.half_close();
    if (peer.receive_to_end() == "still here") got.open();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  client.receive_head();
  CHECK(client.receive_to_end() == "goodbye");
  CHECK(client.end() == Wire::End::fin);
  client.send("still here");
  client.half_close();
  CHECK(got.wait());
}

TEST_CASE("websocket: a side that breaks takes the other with it", "[e2e][websocket]") {
  const bool client_breaks = GENERATE(false, true);
  Gate open;
  Gate ended;
  FakeUpstream upstream([&](Peer& peer) {
    peer.receive_head();
    peer.send(websocket_answer());
    peer.wait_for(open);
    if (client_breaks) {
      peer.receive_to_end();
    } else {
      peer.reset();
    }
    ended.open();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  CHECK(client.receive_head().status() == 101);
  open.open();
  if (client_breaks) {
    client.reset();
  } else {
    client.receive_to_end();
  }
  CHECK(ended.wait());
}

TEST_CASE("websocket: a refused upgrade is an ordinary response", "[e2e][websocket]") {
  const std::string status = GENERATE(std::string("200 OK"), std::string("404 Not Found"),
                                      std::string("426 Upgrade Required"));
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 4\r\n\r\nbody");
    }
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  for (int i = 0; i < 3; ++i) {
    const TextMessage refused = client.ask(websocket_request("a.localhost"));
    CHECK(refused.start == "HTTP/1.1 " + status);
    CHECK(refused.body == "body");
    CHECK(client.ask(get("a.localhost")).body == "body");
  }
}

TEST_CASE("websocket: an upgrade over HTTP/1.0 is an ordinary request (RFC 9110 7.8)",
          "[e2e][websocket]") {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  TestProxy proxy(routes_to(upstream));
  const std::string request = websocket_request("a.localhost");
  std::string older = request;
  older.replace(older.find("HTTP/1.1"), 8, "HTTP/1.0");
  CHECK(proxy.ask(older).status() == 200);
  CHECK(upstream.received().at(0).find("Upgrade") == std::string::npos);
}

TEST_CASE("websocket: much data goes both ways at once, complete and in order",
          "[e2e][websocket]") {
  constexpr int count = 2000;
  const std::string text(4000, 'z');
  FakeUpstream upstream(echo_websocket);
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  CHECK(client.receive_head().status() == 101);
  int right = 0;
  constexpr int in_flight = 100;
  for (int i = 0; i < count + in_flight; ++i) {
    if (i < count) client.send(websocket_frame(std::to_string(i) + text, true));
    if (i >= in_flight && receive_websocket_frame(client) == std::to_string(i - in_flight) + text)
      ++right;
  }
  CHECK(right == count);
}

TEST_CASE("websocket: a slow reader in a tunnel holds the service back", "[e2e][websocket]") {
  Gate stalled;
  constexpr std::size_t size = 128 << 20;
  FakeUpstream upstream([&](Peer& peer) {
    peer.receive_head();
    peer.send(websocket_answer());
    const std::string piece(1 << 20, 'x');
    std::size_t sent = 0;
    while (sent < size) {
      const std::size_t now = peer.send_until_stalled(piece, std::chrono::milliseconds(400));
      sent += now;
      if (now < piece.size()) break;
    }
    if (sent < size) stalled.open();
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port(), Family::v4, 16 << 10);
  client.send(websocket_request("a.localhost"));
  CHECK(client.receive_head().status() == 101);
  CHECK(stalled.wait());
}

TEST_CASE("websocket: nothing behind a refused upgrade reaches the service raw",
          "[e2e][websocket]") {
  // A client that smuggles: it says upgrade, and sends a request behind it that no route would have
  // allowed.
  const std::string answer = GENERATE(
      std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
      std::string("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nok"),
      std::string(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"));
  const bool with_body = GENERATE(false, true);
  Gate first;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.try_send(answer);
      first.open();
    }
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: internal\r\n\r\n";
  client.try_send(
      websocket_request("a.localhost", "/ws", with_body ? "Content-Length: 4\r\n" : "") +
      (with_body ? "body" : "") + smuggled);
  CHECK(first.wait());
  client.half_close();
  const std::string all = client.receive_to_end();
  CAPTURE(all);
  CHECK(all.rfind("HTTP/1.1 101", 0) == std::string::npos);
  // Another exchange proves that what the proxy had to send has been sent.
  CHECK(proxy.ask(get("localhost")).status() == 404);
  for (const std::string& bytes : upstream.received())
    CHECK(bytes.find("smuggled") == std::string::npos);
}

TEST_CASE("websocket: a 101 that switches to something else is refused", "[e2e][websocket]") {
  const std::string answer = GENERATE(
      std::string(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
      std::string("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.try_send(answer);
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  CHECK(client.ask(websocket_request("a.localhost")).status() == 502);
}

}  // namespace devproxy
