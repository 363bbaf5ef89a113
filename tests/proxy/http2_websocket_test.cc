// WebSockets of HTTP/2 clients (RFC 8441) to a service that speaks HTTP/1.1.
#include <string>

#include "proxy/http/http2_head.h"
#include "proxy/http/websocket_key.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/http2_edge.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

std::string connect(std::uint32_t stream) {
  return Http2Edge::request(stream,
                            {{":method", "CONNECT"},
                             {":protocol", "websocket"},
                             {":path", "/chat"},
                             {"origin", "http://a.localhost"},
                             {"sec-websocket-version", "13"},
                             {"sec-websocket-protocol", "chat"}},
                            false);
}

const std::string switching =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Protocol: chat\r\n";

std::string accepted(const TextMessage& request) {
  return switching +
         "Sec-WebSocket-Accept: " + websocket_accept(request.field("sec-websocket-key")) +
         "\r\n\r\n";
}

}  // namespace

TEST_CASE("websocket key: the example of RFC 6455, and random keys of the right form", "[proxy]") {
  CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const std::string key = make_websocket_key();
  CHECK(key.size() == 24);
  CHECK(key.substr(22) == "==");
  CHECK(key != make_websocket_key());
}

TEST_CASE("http2 websocket: an extended CONNECT becomes an upgrade, and raw bytes go both ways",
          "[proxy]") {
  FakeUpstream service([](Peer& peer) {
    TextMessage request;
    if (!peer.receive_request_head(request)) return;
    peer.send(accepted(request));
    peer.send(peer.receive_exactly(5) == "hello" ? "HELLO" : "what?");
    // The client's half-close, and ours behind it.
    if (peer.receive_to_end().empty()) peer.send("bye");
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(connect(1) + Http2Edge::data(1, "hello"));  // early bytes wait for the 101
  edge.until("it is answered", [&] { return edge.answers[1].body == "HELLO"; });
  Http2Answer& answer = edge.answers[1];
  CHECK(answer.status() == "200");
  CHECK(answer.field("sec-websocket-protocol") == "chat");
  CHECK(answer.field("date").size() == 29);
  for (const char* gone : {"sec-websocket-accept", "upgrade", "connection", "content-length"})
    CHECK(answer.field(gone).empty());
  const std::string head = service.received().at(0);
  CHECK(head.find("GET /chat HTTP/1.1\r\nhost: a.localhost\r\n") == 0);
  CHECK(head.find("Connection: Upgrade\r\nUpgrade: websocket\r\n") != std::string::npos);
  CHECK(head.find("Sec-WebSocket-Key: ") != std::string::npos);
  CHECK(head.find("sec-websocket-version: 13\r\n") != std::string::npos);
  CHECK(head.find("origin: http://a.localhost\r\n") != std::string::npos);
  edge.feed(Http2Edge::data(1, "", true));
  edge.until_ended(1);
  CHECK(answer.body == "HELLObye");
  CHECK(answer.reset.empty());
}

TEST_CASE("http2 websocket: a refusal goes through as itself", "[proxy]") {
  FakeUpstream service(
      FakeUpstream::always("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(connect(1));
  edge.until_ended(1);
  CHECK(edge.answers[1].status() == "403");
  CHECK(edge.answers[1].body == "no");
  CHECK(edge.answers[1].reset == "NO_ERROR");
}

TEST_CASE("http2 websocket: a service that does not answer our key has accepted nothing",
          "[proxy]") {
  for (const char* answer : {"", "Sec-WebSocket-Accept:\r\n",
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"}) {
    CAPTURE(answer);
    FakeUpstream service(FakeUpstream::always(switching + answer + "\r\n"));
    Http2Edge edge(service.port());
    edge.greet();
    edge.feed(connect(1));
    edge.until_ended(1);
    CHECK(edge.answers[1].status() == "502");
    CHECK_THAT(edge.answers[1].body, ContainsSubstring("does not answer the Sec-WebSocket-Key"));
  }
}

TEST_CASE("http2 websocket: a reset ends the service's connection", "[proxy]") {
  FakeUpstream service([](Peer& peer) {
    TextMessage request;
    if (!peer.receive_request_head(request)) return;
    peer.send(accepted(request));
    peer.receive_to_end();
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(connect(1));
  edge.until("it is open", [&] { return edge.answers[1].status() == "200"; });
  edge.feed(h2::frame(h2::rst_stream, 0, 1, h2::number(8, 4)));
  edge.until("the service is left", [&] { return service.open_connections() == 0; });
  CHECK(edge.goaway.empty());
}

TEST_CASE("http2 websocket: a service that vanishes ends the stream", "[proxy]") {
  FakeUpstream service([](Peer& peer) {
    TextMessage request;
    if (!peer.receive_request_head(request)) return;
    peer.send(accepted(request));
    peer.send("last words");
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(connect(1));
  edge.until_ended(1);
  CHECK(edge.answers[1].body == "last words");
  edge.feed(Http2Edge::data(1, "", true));
  edge.feed(Http2Edge::request(3, {{":authority", "r.localhost"}}));
  CHECK(edge.answers[3].status() == "308");
}

// RFC 8441 section 5: TCP's reset is a stream's CANCEL.
TEST_CASE("http2 websocket: a service's reset is told as CANCEL", "[proxy]") {
  Gate answered;
  FakeUpstream service([&](Peer& peer) {
    TextMessage request;
    if (!peer.receive_request_head(request)) return;
    peer.send(accepted(request));
    peer.wait_for(answered);
    peer.reset();
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(connect(1));
  edge.until("it was accepted", [&] { return edge.answers[1].status() == "200"; });
  answered.open();
  edge.until_ended(1);
  CHECK_FALSE(edge.answers[1].ended);
  CHECK(edge.answers[1].reset == "CANCEL");
}

TEST_CASE("http2 websocket: any reset ends a tunnel that its service has half-closed", "[proxy]") {
  FakeUpstream service([](Peer& peer) {
    TextMessage request;
    if (!peer.receive_request_head(request)) return;
    peer.send(accepted(request));
    peer.half_close();
    peer.receive_to_end();
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(connect(1));
  edge.until("the service's end is told", [&] { return edge.answers[1].ended; });
  edge.feed(h2::frame(h2::rst_stream, 0, 1, h2::number(0, 4)));
  edge.until("the service is left", [&] { return service.open_connections() == 0; });
  CHECK(edge.goaway.empty());
}

}  // namespace devproxy
