// What a client sends behind its WebSocket upgrade before the answer is meant as frames. When the
// upgrade was refused, it was read as the next request: a page could write one of its own into a
// connection that a gate in front of us had let through as a WebSocket.
#include <string>

#include "tests/support/edge.h"
#include "tests/support/websocket.h"

namespace devproxy {

TEST_CASE("early frames: behind a refused upgrade they are no request", "[issues]") {
  const std::string answer = GENERATE(
      std::string("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
      std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"));
  FakeUpstream upstream(FakeUpstream::always(answer));
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() +
                  "\n[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n");
  const std::string smuggled = get("a.localhost", "/smuggled");
  RawClient client(proxy.port());
  int status = 403;
  SECTION("in one piece with the upgrade") {
    client.send(websocket_request("a.localhost") + smuggled);
    status = std::stoi(answer.substr(9, 3));
  }
  SECTION("to a service that is none of ours to ask") {
    client.send(websocket_request("r.localhost") + smuggled);
    status = 308;
  }
  SECTION("to a host that has no route") {
    client.send(websocket_request("nobody.localhost") + smuggled);
    status = 404;
  }
  const TextMessage refused = client.receive_final();
  CHECK(refused.status() == status);
  CHECK(refused.field("connection") == "close");
  CHECK(client.receive_to_end() == "");
  CHECK(client.end() == Wire::End::fin);
  for (const std::string& bytes : upstream.received())
    CHECK(bytes.find("smuggled") == std::string::npos);
}

TEST_CASE("early frames: between a refusal's head and its end they close the connection too",
          "[issues]") {
  Gate sent;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nn");
      peer.wait_for(sent);
      peer.send("o");
    }
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(websocket_request("a.localhost"));
  CHECK(client.receive_head().status() == 403);
  client.send(get("a.localhost", "/smuggled"));
  // Its answer proves that the proxy has been around its loop since.
  CHECK(proxy.ask(get("nobody.localhost")).status() == 404);
  sent.open();
  CHECK(client.receive_to_end() == "no");
  CHECK(client.end() == Wire::End::fin);
  CHECK(upstream.requests() == 1);
}

}  // namespace devproxy
