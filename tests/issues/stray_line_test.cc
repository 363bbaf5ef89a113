// Browsers of old sent an empty line behind a POST (RFC 9112 2.2). It was taken for the beginning
// of the next head, so that its idle connection got a 408 after 15 s, and a drain did not close it.
#include <memory>
#include <string>

#include "proxy/http/http1_frontend.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/http2_edge.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

const std::string post = "POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 4\r\n\r\nbody";

/// An HTTP/1 client over memory, whose one request has been answered.
struct Answered {
  FakeUpstream upstream{FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")};
  MemoryStream::Wire wire;
  Http2Edge edge{upstream.port()};

  explicit Answered(std::string_view behind) {
    {
      const Turn turn(edge.loop.agenda());
      edge.connections.add(std::make_unique<Http1Frontend>(
          edge.context, edge.connections, std::make_unique<MemoryStream>(edge.loop.agenda(), wire),
          ListenerFacts{6289, ListenOnly::any}));
    }
    wire.stream->feed(post + std::string(behind));
    until_answered();
  }
  void until_answered() {
    edge.until("the answer has come", [&] { return wire.sent.ends_with("\r\n\r\nok"); });
    wire.sent.clear();
  }
  /// Whether the connection is still there that much later.
  bool is_open_after(std::uint64_t milliseconds) {
    edge.loop.agenda().advance(milliseconds);
    return !wire.is_gone;
  }
};

}  // namespace

TEST_CASE("stray line: behind a request it begins no head", "[issues]") {
  const std::string line = GENERATE(std::string("\r\n"), std::string("\r"));
  const bool with_request = GENERATE(true, false);
  CAPTURE(line, with_request);
  Answered client(with_request ? line : "");
  if (!with_request) client.wire.stream->feed(line);

  SECTION("the connection stays idle, and is closed without a word") {
    CHECK(client.is_open_after(70'000));
    CHECK_FALSE(client.is_open_after(10'000));
    CHECK(client.wire.sent == "");
  }
  SECTION("the next request is answered") {
    client.wire.stream->feed((line == "\r" ? "\n" : "") + post);
    client.until_answered();
    CHECK(client.upstream.requests() == 2);
  }
  SECTION("a head that begins behind it has its 15 s") {
    REQUIRE(client.is_open_after(60'000));
    client.wire.stream->feed(line == "\r" ? "\nGET" : "GET");
    REQUIRE(client.is_open_after(14'000));
    CHECK(client.wire.sent == "");
    client.is_open_after(3'000);
    CHECK_THAT(client.wire.sent, ContainsSubstring("HTTP/1.1 408 "));
  }
  SECTION("a drain closes the connection") {
    {
      const Turn turn(client.edge.loop.agenda());
      client.edge.connections.drain();
    }
    CHECK(client.wire.is_gone);
  }
}

}  // namespace devproxy
