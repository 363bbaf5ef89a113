// Flow control over HTTP/2: every byte arrives whatever the windows, a stream that nobody reads
// stalls itself alone and costs no more than its window, floods are put up with only so long.
#include <string>

#include "tests/support/fake_upstream.h"
#include "tests/support/http2_edge.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using h2::frame;
using h2::number;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23 + i / 997 % 3);
  return text;
}

std::string post(std::uint32_t stream, std::size_t length) {
  return Http2Edge::request(
      stream, {{":method", "POST"}, {"content-length", std::to_string(length)}}, false);
}

std::uint64_t windows(const Http2Edge& edge, std::uint32_t stream) {
  std::uint64_t sum = 0;
  for (const h2::Frame& each : edge.frames) {
    if (each.type == h2::window_update && each.stream == stream) sum += each.word();
  }
  return sum;
}

}  // namespace

TEST_CASE("http2 flow: a response keeps to the client's windows, byte for byte", "[proxy]") {
  struct Case {
    std::uint32_t window;
    std::size_t size;
  };
  for (const Case& each : {Case{1, 300}, Case{100, 20'000}, Case{65'535, 1'000'000}}) {
    INFO("window " << each.window);
    const std::string body = pattern(each.size);
    FakeUpstream service(FakeUpstream::always(
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
    Http2Edge edge(service.port());
    edge.greet(h2::setting(4, each.window));
    edge.feed(h2::window(0, 4'000'000) + Http2Edge::request(1, {}));
    std::size_t given = each.window;
    Http2Answer& answer = edge.answers[1];
    while (!answer.ended) {
      edge.until("bytes come", [&] { return answer.body.size() == std::min(given, each.size); });
      if (answer.body.size() == each.size) {
        edge.until_ended(1);
        break;
      }
      given += each.window;
      edge.feed(h2::window(1, each.window));
    }
    CHECK(answer.body == body);
    CHECK(answer.reset.empty());
  }
}

TEST_CASE("http2 flow: an upload arrives byte for byte, and its windows come back", "[proxy]") {
  const std::string body = pattern(3'000'000);
  FakeUpstream service([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" +
              std::string(request.body == body ? "same" : "diff"));
  });
  Http2Edge edge(service.port());
  edge.greet();
  edge.feed(post(1, body.size()));
  std::size_t sent = 0;
  while (sent < body.size()) {
    edge.until("the window opens", [&] {
      return sent + 16'000 <= 256 * 1024 + windows(edge, 1) || sent + 16'000 > body.size();
    });
    const std::size_t room = 256 * 1024 + windows(edge, 1) - sent;
    const std::string piece = body.substr(sent, std::min<std::size_t>(16'000, room));
    sent += piece.size();
    edge.feed(Http2Edge::data(1, piece, sent == body.size()));
  }
  edge.until_ended(1);
  CHECK(edge.answers[1].body == "same");
}

TEST_CASE("http2 flow: a stream that its service does not read stalls no other", "[proxy]") {
  // Nobody listens there and no loop runs: stream 1 is paused for ever.
  Http2Edge edge(9);
  edge.greet();
  edge.feed(post(1, 10'000'000));
  for (int i = 0; i < 16; ++i) edge.feed(Http2Edge::data(1, std::string(16'384, 'x')));
  CHECK(windows(edge, 1) == 0);
  CHECK(edge.outcome() == "nothing");
  // The neighbours' bytes still fit into the connection's window, again and again.
  for (std::uint32_t stream = 3; stream < 103; stream += 2) {
    edge.feed(
        Http2Edge::request(stream, {{":method", "POST"}, {":authority", "r.localhost"}}, false) +
        Http2Edge::data(stream, std::string(16'384, 'y')));
    CHECK(edge.answers[stream].status() == "308");
  }
  // One byte more than the window is a breach.
  edge.feed(Http2Edge::data(1, "x"));
  CHECK(edge.outcome() == "reset 1 FLOW_CONTROL_ERROR");
}

TEST_CASE("http2 flow: a client that does not read its connection holds its services back",
          "[proxy]") {
  const std::string body = pattern(8'000'000);
  FakeUpstream service(FakeUpstream::always(
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  Http2Edge edge(service.port());
  edge.greet(h2::setting(4, 100'000'000));
  edge.wire.stream->set_tap(false);
  edge.feed(h2::window(0, 100'000'000) + Http2Edge::request(1, {}));
  edge.until("the connection is full", [&] { return edge.wire.stream->queued() > 64'000; });
  for (int i = 0; i < 50; ++i) edge.loop.run_once(false);
  CHECK(edge.wire.stream->queued() < 700'000);
  edge.wire.stream->set_tap(true);
  edge.until_ended(1);
  CHECK(edge.answers[1].body == body);
}

TEST_CASE("http2 flow: floods", "[proxy]") {
  SECTION("a page of 3,000 modules that is left is nothing unusual") {
    Http2Edge edge(9);
    edge.greet();
    for (std::uint32_t stream = 1; stream < 6'001; stream += 2) {
      edge.feed(Http2Edge::request(stream, {}) + frame(h2::rst_stream, 0, stream, number(8, 4)));
    }
    edge.feed(Http2Edge::request(6'001, {{":authority", "r.localhost"}}));
    CHECK(edge.answers[6'001].status() == "308");
    CHECK(edge.goaway.empty());
  }
  SECTION("100,000 resets are not") {
    Http2Edge edge(9);
    edge.greet();
    for (std::uint32_t stream = 1; stream < 200'001 && edge.goaway.empty(); stream += 2) {
      edge.feed(Http2Edge::request(stream, {}) + frame(h2::rst_stream, 0, stream, number(8, 4)));
    }
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
  }
  SECTION("100,000 resets without an error are not either") {
    Http2Edge edge(9);
    edge.greet();
    std::uint32_t stream = 1;
    for (; stream < 200'001 && edge.goaway.empty(); stream += 2) {
      edge.feed(Http2Edge::request(stream, {}) + frame(h2::rst_stream, 0, stream, number(0, 4)));
    }
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
    CHECK(stream < 30'000);
  }
  SECTION("pings") {
    Http2Edge edge(9);
    edge.greet();
    for (int i = 0; i < 100'000 && edge.goaway.empty(); ++i)
      edge.feed(frame(h2::ping, 0, 0, "12345678"));
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
  }
  SECTION("pings whose answers are not read") {
    Http2Edge edge(9);
    edge.greet();
    std::string pings;
    for (int i = 0; i < 2'000; ++i) pings += frame(h2::ping, 0, 0, "12345678");
    edge.feed(pings);
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
  }
  SECTION("pings of a client that reads nothing at all") {
    Http2Edge edge(9);
    edge.greet();
    edge.wire.stream->set_tap(false);
    for (int i = 0; i < 12'000; ++i) edge.feed(frame(h2::ping, 0, 0, "12345678"));
    edge.loop.agenda().advance(3'000);
    CHECK(edge.wire.is_gone);
  }
  SECTION("settings") {
    Http2Edge edge(9);
    edge.greet();
    for (int i = 0; i < 100'000 && edge.goaway.empty(); ++i) edge.feed(frame(h2::settings, 0, 0));
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
  }
  SECTION("a setting with too many entries") {
    Http2Edge edge(9);
    edge.greet();
    std::string entries;
    for (std::uint16_t i = 0; i < 1'000; ++i) entries += h2::setting(0x4242, i);
    edge.feed(frame(h2::settings, 0, 0, entries));
    CHECK_FALSE(edge.goaway.empty());
  }
  SECTION("empty data") {
    Http2Edge edge(9);
    edge.greet();
    edge.feed(post(1, 5));
    for (int i = 0; i < 100'000 && edge.goaway.empty(); ++i) edge.feed(Http2Edge::data(1, ""));
    CHECK(edge.goaway == "ENHANCE_YOUR_CALM");
  }
  SECTION("CONTINUATION without end") {
    Http2Edge edge(9);
    edge.greet();
    edge.feed(frame(h2::headers, h2::end_stream, 1, pack({{":method", "GET"}})));
    for (int i = 0; i < 100'000 && edge.goaway.empty(); ++i)
      edge.feed(frame(h2::continuation, 0, 1, pack({{"x", "y"}})));
    CHECK_FALSE(edge.goaway.empty());
  }
  SECTION("a head that grows by references to one large field") {
    Http2Edge edge(9);
    edge.greet();
    // Literal with indexing, then the dynamic table's newest entry over and over.
    std::string block = "\x40\x01x\x7f\x81\x1e" + std::string(4'000, 'v');
    block += std::string(10'000, '\xbe');
    edge.feed(frame(h2::headers, 5, 1, block));
    CHECK(edge.outcome() != "nothing");
    CHECK(edge.answers[1].status().empty());
  }
}

}  // namespace devproxy
