// Requests over HTTP/2 and what becomes of them: towards an HTTP/1.1 service, and back.
#include "proxy/http/http2_frontend.h"

#include <string>
#include <vector>

#include "tests/support/fake_upstream.h"
#include "tests/support/http2_edge.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using h2::frame;
using h2::number;

const char* const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string post(std::uint32_t stream, h2::Fields more = {}) {
  more.insert(more.begin(), {":method", "POST"});
  return Http2Edge::request(stream, more, false);
}

/// The service's view of one request that is answered with `ok`.
std::string received(const std::string& bytes) {
  FakeUpstream service(FakeUpstream::always(ok));
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(bytes);
  edge.until_ended(1);
  CHECK(edge.answers[1].status() == "200");
  CHECK(edge.answers[1].body == "ok");
  return service.received().at(0);
}

}  // namespace

TEST_CASE("http2 frontend: a request becomes one of HTTP/1.1, Host first", "[proxy]") {
  const std::string text = received(Http2Edge::request(
      1, {{":path", "/a?b"}, {"x-one", "1"}, {"te", "trailers"}, {"accept", "*/*"}}));
  CHECK(text.find("GET /a?b HTTP/1.1\r\nhost: a.localhost\r\nx-one: 1\r\n") == 0);
  CHECK(text.find("TE: trailers\r\nConnection: TE\r\n") != std::string::npos);
  CHECK(text.find("Via: 2.0 devproxy-0123abcd\r\n") != std::string::npos);
  CHECK(text.find("X-Forwarded-Host: a.localhost\r\n") != std::string::npos);
  CHECK(text.find(':') > 10);
}

TEST_CASE("http2 frontend: host stands in for :authority, and may repeat it", "[proxy]") {
  const h2::Fields fields = {
      {":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"host", "a.localhost:6289"}};
  CHECK(received(frame(h2::headers, 5, 1, pack(fields))).find("\r\nhost: a.localhost:6289\r\n") !=
        std::string::npos);
  const std::string both = received(Http2Edge::request(1, {{"host", "A.localhost"}}));
  CHECK(both.find("\r\nhost: a.localhost\r\n") != std::string::npos);
  CHECK(both.find("A.localhost") == std::string::npos);
}

TEST_CASE("http2 frontend: cookie crumbs become one line", "[proxy]") {
  const std::string text =
      received(Http2Edge::request(1, {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2; c=3"}}));
  CHECK(text.find("\r\ncookie: a=1; b=2; c=3\r\n") != std::string::npos);
}

TEST_CASE("http2 frontend: service_when sees the crumbs of all cookies", "[proxy]") {
  FakeUpstream service(FakeUpstream::always(ok));
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(Http2Edge::request(
      1, {{":authority", "s.localhost"}, {"cookie", "a=1"}, {"cookie", "away=1"}}));
  edge.until_ended(1);
  CHECK(edge.answers[1].status() == "308");
  CHECK(edge.answers[1].field("vary") == "Cookie");
  edge.feed(Http2Edge::request(3, {{":authority", "s.localhost"}, {"cookie", "away=2"}}));
  edge.until_ended(3);
  CHECK(edge.answers[3].body == "ok");
  CHECK(edge.answers[3].field("vary") == "Cookie");
}

TEST_CASE("http2 frontend: a body of known and of unknown length", "[proxy]") {
  const std::string counted = received(post(1, {{"content-length", "5"}}) +
                                       Http2Edge::data(1, "he") + Http2Edge::data(1, "llo", true));
  CHECK(counted.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(counted.substr(counted.size() - 9) == "\r\n\r\nhello");
  const std::string chunked = received(post(1) + Http2Edge::data(1, "hello") +
                                       frame(h2::headers, 5, 1, pack({{"x-sum", "7"}})));
  CHECK(chunked.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(chunked.find("\r\n0\r\nx-sum: 7\r\n\r\n") != std::string::npos);
}

TEST_CASE("http2 frontend: OPTIONS * and padding", "[proxy]") {
  CHECK(received(Http2Edge::request(1, {{":method", "OPTIONS"}, {":path", "*"}}))
            .find("OPTIONS * HTTP/1.1\r\n") == 0);
  const std::string padded =
      received(post(1, {{"content-length", "2"}}) +
               frame(h2::data, h2::padded | h2::end_stream, 1, std::string("\4hi\0\0\0\0", 7)));
  CHECK(padded.substr(padded.size() - 6) == "\r\n\r\nhi");
}

TEST_CASE("http2 frontend: an answer, with interim ones and trailers", "[proxy]") {
  FakeUpstream service(FakeUpstream::always(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 200 Fine\r\nX-Mixed-Case: Yes\r\nConnection: x-gone\r\nX-Gone: 1\r\n"
      "Trailer: X-Sum\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n"));
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(Http2Edge::request(1, {}));
  edge.until_ended(1);
  Http2Answer& answer = edge.answers[1];
  REQUIRE(answer.heads.size() == 3);
  CHECK(answer.heads[0].at(0) == std::pair<std::string, std::string>(":status", "103"));
  CHECK(answer.field("link") == "</a>");
  CHECK(answer.heads[1].at(0).second == "200");
  CHECK(answer.field("x-mixed-case") == "Yes");
  CHECK(answer.field("set-cookie") == "a, b");
  CHECK(answer.field("x-gone").empty());
  CHECK(answer.field("transfer-encoding").empty());
  CHECK(answer.field("connection").empty());
  CHECK(answer.body == "abc");
  CHECK(answer.heads[2] == h2::Fields{{"x-sum", "9"}});
  CHECK(answer.reset.empty());
}

TEST_CASE("http2 frontend: answers without a body end with their head", "[proxy]") {
  struct Case {
    const char* method;
    const char* answer;
    const char* length;
  };
  for (const Case& each : {Case{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "5"},
                           Case{"GET", "HTTP/1.1 204 No Content\r\n\r\n", ""},
                           Case{"GET", "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", ""},
                           Case{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "0"}}) {
    INFO(each.answer);
    FakeUpstream service(FakeUpstream::always(each.answer));
    Http2Edge edge(service.port());
    edge.greet();
    edge.feed(Http2Edge::request(1, {{":method", each.method}}));
    edge.until_ended(1);
    CHECK(edge.answers[1].field("content-length") == each.length);
    CHECK(edge.frames.back().type == h2::headers);
    CHECK(edge.frames.back().ends());
  }
}

TEST_CASE("http2 frontend: an answer that comes before the request's end stops the request",
          "[proxy]") {
  Http2Edge edge(9);
  edge.greet();
  edge.feed(post(1, {{":authority", "r.localhost"}}));
  CHECK(edge.answers[1].status() == "308");
  CHECK(edge.answers[1].ended);
  CHECK(edge.answers[1].reset == "NO_ERROR");
  REQUIRE(edge.frames.size() >= 2);
  CHECK(edge.frames.back().type == h2::rst_stream);
  CHECK(edge.frames[edge.frames.size() - 2].ends());
  // What was on its way already hurts nobody.
  edge.feed(Http2Edge::data(1, "late", true) +
            Http2Edge::request(3, {{":authority", "r.localhost"}}));
  CHECK(edge.answers[3].status() == "308");
  CHECK(edge.goaway.empty());
}

TEST_CASE("http2 frontend: an answer that breaks off is reset, never ended", "[proxy]") {
  FakeUpstream service([](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(Http2Edge::request(1, {}));
  edge.until_ended(1);
  CHECK_FALSE(edge.answers[1].ended);
  CHECK(edge.answers[1].reset == "INTERNAL_ERROR");
}

TEST_CASE("http2 frontend: a client's reset ends the request at its service", "[proxy]") {
  Gate gate;
  FakeUpstream service([&](Peer& peer) {
    TextMessage request;
    peer.receive_request_head(request);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\npart");
    peer.receive_request_head(request);
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(Http2Edge::request(1, {}));
  edge.until("the answer has begun", [&] { return !edge.answers[1].body.empty(); });
  edge.feed(frame(h2::rst_stream, 0, 1, number(8, 4)));
  edge.until("the service's connection is closed", [&] { return service.open_connections() == 0; });
  CHECK(edge.answers[1].reset.empty());
  CHECK(edge.goaway.empty());
}

TEST_CASE("http2 frontend: a service that is not there is a 502 or 503 of ours", "[proxy]") {
  FakeUpstream service(FakeUpstream::always(ok), FakeUpstream::Place::v4, false);
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(Http2Edge::request(1, {{"accept", "text/html"}}));
  edge.until_ended(1);
  CHECK(edge.answers[1].status() == "503");
  CHECK(edge.answers[1].field("content-type") == "text/html; charset=utf-8");
  CHECK(edge.answers[1].ended);
}

TEST_CASE("http2 frontend: a drain loses nothing", "[proxy]") {
  Gate gate;
  FakeUpstream service([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.wait_for(gate);
    peer.send(ok);
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(Http2Edge::request(1, {}));
  {
    const Turn turn(edge.loop.agenda());
    edge.context.draining = true;
    edge.connections.drain();
  }
  edge.feed("");
  CHECK(edge.goaway == "NO_ERROR");
  CHECK(edge.last_stream == 0x7fffffff);
  REQUIRE(edge.frames.back().type == h2::ping);
  // A request that was on its way is still taken; then no more.
  edge.feed(Http2Edge::request(3, {{":authority", "r.localhost"}}) +
            frame(h2::ping, h2::ack, 0, edge.frames.back().payload));
  CHECK(edge.answers[3].status() == "308");
  CHECK(edge.goaways == 2);
  CHECK(edge.last_stream == 3);
  CHECK(edge.connections.any_busy());
  gate.open();
  edge.until_ended(1);
  CHECK(edge.answers[1].body == "ok");
  edge.until("writing has ended", [&] { return edge.wire.finished; });
  edge.feed_end();
  CHECK(edge.connections.empty());
}

TEST_CASE("http2 frontend: idle connections end with GOAWAY, slow heads with more", "[proxy]") {
  SECTION("idle") {
    Http2Edge edge(9);
    edge.greet();
    edge.loop.agenda().advance(80'000);
    edge.feed("");
    CHECK(edge.goaway == "NO_ERROR");
    CHECK(edge.wire.finished);
    edge.loop.agenda().advance(3'000);
    CHECK(edge.wire.is_gone);
  }
  SECTION("a head without its end") {
    Http2Edge edge(9);
    edge.greet();
    edge.feed(frame(h2::headers, h2::end_stream, 1, "\x82"));
    edge.loop.agenda().advance(17'000);
    edge.feed("");
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
  }
  SECTION("no settings at all") {
    Http2Edge edge(9);
    edge.feed(h2::preface);
    edge.loop.agenda().advance(17'000);
    edge.feed("");
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
  }
}

}  // namespace devproxy
