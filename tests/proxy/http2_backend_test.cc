// Http2Backend: requests to a service that speaks HTTP/2, played by the test in raw frames.
#include "proxy/http/http2_backend.h"

#include <string>
#include <vector>

#include "tests/support/http2_edge.h"
#include "tests/support/played_service.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using h2::frame;
using h2::number;

std::string head(std::uint32_t stream, const h2::Fields& fields, bool ends = false) {
  return frame(h2::headers, static_cast<std::uint8_t>(h2::end_headers | (ends ? 1 : 0)), stream,
               pack(fields));
}
std::string data(std::uint32_t stream, std::string_view bytes, bool ends = false) {
  return Http2Edge::data(stream, bytes, ends);
}

}  // namespace

TEST_CASE("http2 backend: a request and its answer", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord sink;
  sink.request.accepts_trailers = true;
  service.start(sink, {{"X-Mixed", "Yes"}, {"Accept", "*/*"}});
  service.look();
  CHECK(service.head() ==
        ":method: GET\n:scheme: http\n:authority: a.localhost\n:path: /path\nx-mixed: Yes\n"
        "accept: */*\nte: trailers\n");
  CHECK(service.frames.back().ends());
  service.feed(head(1, {{":status", "103"}, {"link", "x"}}) +
               head(1, {{":status", "200"}, {"x", "y"}}) + data(1, "hel") + data(1, "lo") +
               head(1, {{"grpc-status", "0"}}, true));
  CHECK(sink.informed == std::vector<int>{103});
  CHECK(sink.status == 200);
  CHECK(sink.response.has_own_end);
  CHECK(sink.body == "hello");
  CHECK(sink.ended);
  CHECK(sink.ends == "grpc-status=0");
  CHECK_FALSE(sink.failed);
}

TEST_CASE("http2 backend: answers without a body, and of known length", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord only_head, known;
  service.start(only_head);
  service.start(known);
  service.feed(head(1, {{":status", "200"}, {"grpc-status", "5"}}, true) +
               head(3, {{":status", "200"}, {"content-length", "2"}}) + data(3, "ok", true));
  CHECK(only_head.ended);
  CHECK(only_head.response.body.is_none());
  CHECK(known.response.content_length == 2u);
  CHECK(known.response.body.kind == BodyLength::Kind::known);
  CHECK(known.body == "ok");
  CHECK(known.ended);
}

TEST_CASE("http2 backend: a body with trailers, as fast as the service takes it", "[proxy]") {
  PlayedService service;
  service.greet(h2::setting(4, 10));
  SinkRecord sink;
  Attempt& attempt = service.start(sink, {}, {BodyLength::Kind::unknown, 0});
  {
    const Turn turn(service.loop.agenda());
    attempt.request_data(std::string(200'000, 'x'));
    Headers trailers;
    trailers.add("x-sum", "1");
    attempt.request_end(&trailers);
  }
  service.look();
  CHECK(sink.paused == 1);
  REQUIRE(service.frames.back().type == h2::data);
  CHECK(service.frames.back().payload == "xxxxxxxxxx");
  service.feed(h2::window(0, 1'000'000) + h2::window(1, 1'000'000));
  std::size_t sent = 0;
  for (const h2::Frame& each : service.frames) {
    if (each.type == h2::data) sent += each.payload.size();
  }
  CHECK(sent == 200'000);
  CHECK(service.frames.back().type == h2::headers);
  CHECK(service.frames.back().ends());
  CHECK(service.head().find("x-sum: 1\n") != std::string::npos);
}

TEST_CASE("http2 backend: a client that does not read holds its own stream back", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord slow, quick;
  slow.pauses = true;
  service.start(slow);
  service.start(quick);
  service.feed(head(1, {{":status", "200"}}) + head(3, {{":status", "200"}}));
  for (int i = 0; i < 16; ++i) service.feed(data(1, std::string(16'384, 'x'), i == 15));
  service.feed(data(3, "quick", true));
  CHECK(slow.body.empty());
  CHECK_FALSE(slow.ended);
  CHECK(quick.ended);
  // The service is gone: what has come in full still arrives.
  service.wire.stream->feed_end();
  service.look();
  CHECK_FALSE(slow.failed);
  {
    const Turn turn(service.loop.agenda());
    slow.go_on();
  }
  service.look();
  CHECK(slow.body.size() == 16 * 16'384);
  CHECK(slow.ended);
}

TEST_CASE("http2 backend: how streams fail", "[proxy]") {
  struct Case {
    const char* what;
    std::string bytes;
    Code code;
  };
  const std::string begun = head(1, {{":status", "200"}}) + data(1, "x");
  for (const Case& each : {
           Case{"refused", frame(h2::rst_stream, 0, 1, number(7, 4)), Code::unprocessed},
           Case{"reset", frame(h2::rst_stream, 0, 1, number(2, 4)), Code::reset},
           Case{"cancelled within the body", begun + frame(h2::rst_stream, 0, 1, number(8, 4)),
                Code::reset},
           Case{"no error, but no end either", begun + frame(h2::rst_stream, 0, 1, number(0, 4)),
                Code::reset},
           Case{"GOAWAY that leaves it out", frame(h2::goaway, 0, 0, number(0, 8)),
                Code::unprocessed},
           Case{"no :status", head(1, {{"x", "y"}}), Code::bad_request},
           Case{"101", head(1, {{":status", "101"}}), Code::bad_request},
           Case{"shorter than announced",
                head(1, {{":status", "200"}, {"content-length", "9"}}) + data(1, "x", true),
                Code::bad_request},
           Case{"a connection field", head(1, {{":status", "200"}, {"connection", "close"}}),
                Code::bad_request},
           Case{"a broken frame", frame(h2::ping, 0, 1, "12345678"), Code::bad_request},
       }) {
    INFO(each.what);
    PlayedService service;
    service.greet();
    SinkRecord sink;
    service.start(sink);
    service.feed(each.bytes);
    CHECK(sink.failed);
    CHECK_FALSE(sink.ended);
    CHECK(sink.error.code == each.code);
    CHECK(sink.error.source == Source::upstream);
  }
}

TEST_CASE("http2 backend: a service that closes, and one that speaks something else", "[proxy]") {
  PlayedService service;
  SECTION("closes") {
    service.greet();
    SinkRecord sink;
    service.start(sink);
    service.look();
    service.wire.stream->feed_end();
    CHECK(sink.error.code == Code::closed);
    CHECK(sink.error.detail == "it closed the connection without an answer");
  }
  SECTION("speaks HTTP/1.1") {
    SinkRecord sink;
    service.start(sink);
    service.feed("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    CHECK(sink.error.code == Code::bad_request);
    CHECK(sink.error.detail.find("does not speak HTTP/2") != std::string::npos);
  }
}

TEST_CASE("http2 backend: GOAWAY lets running streams finish and takes no more", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord first;
  service.start(first);
  service.look();
  CHECK(service.backend->is_usable(0, false));
  service.feed(frame(h2::goaway, 0, 0, number(1, 4) + number(0, 4)));
  CHECK_FALSE(service.backend->is_usable(0, true));
  CHECK_FALSE(first.failed);
  service.feed(head(1, {{":status", "204"}}, true));
  CHECK(first.ended);
}

TEST_CASE("http2 backend: keeps to the service's limit of streams", "[proxy]") {
  PlayedService service;
  service.greet(h2::setting(3, 2));
  SinkRecord sinks[2];
  for (SinkRecord& sink : sinks) {
    CHECK(service.backend->is_usable(0, false));
    service.start(sink);
  }
  CHECK_FALSE(service.backend->is_usable(0, false));
  service.feed(head(1, {{":status", "204"}}, true));
  CHECK(service.backend->is_usable(0, false));
}

TEST_CASE("http2 backend: a request that is given up is reset at once", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord sink;
  Attempt& attempt = service.start(sink);
  service.look();
  {
    const Turn turn(service.loop.agenda());
    attempt.cancel();
  }
  service.look();
  CHECK(service.has_reset(1, 8));
  service.feed(head(1, {{":status", "200"}}, true));
  CHECK(sink.status == 0);
  CHECK_FALSE(sink.failed);
  CHECK(service.backend->is_usable(0, false));
}

TEST_CASE("http2 backend: an answer before the request's end stops the upload", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord sink;
  Attempt& attempt = service.start(sink, {}, {BodyLength::Kind::unknown, 0});
  attempt.request_data("part");
  service.feed(head(1, {{":status", "413"}}, true));
  CHECK(sink.ended);
  CHECK(service.has_reset(1, 8));
}

TEST_CASE("http2 backend: who is given up while the service goes away is let go once", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord sinks[4];
  Attempt& uploaded = service.start(sinks[0], {}, {BodyLength::Kind::unknown, 0});
  uploaded.request_data("part");
  Attempt& cancelled = service.start(sinks[1]);
  service.start(sinks[2]);
  service.start(sinks[3]);
  service.look();
  // All of it before anything of ours leaves: resets wait to be sent on a connection that is gone.
  {
    const Turn turn(service.loop.agenda());
    cancelled.cancel();
  }
  service.wire.stream->feed(head(1, {{":status", "413"}}, true) + head(5, {{":status", "700"}}));
  service.wire.stream->feed_end();
  service.look();
  CHECK(sinks[0].ended);
  CHECK_FALSE(sinks[1].failed);
  CHECK(sinks[2].error.code == Code::bad_request);
  CHECK(sinks[3].error.code == Code::closed);
  CHECK_FALSE(service.backend->is_usable(0, true));
}

TEST_CASE("http2 backend: only an answered connection counts as reused", "[proxy]") {
  PlayedService service;
  service.greet();
  SinkRecord first, second;
  CHECK_FALSE(service.start(first).is_reused());
  service.feed(head(1, {{":status", "204"}}, true));
  Attempt& attempt = service.start(second);
  CHECK(attempt.is_reused());
  CHECK_FALSE(attempt.has_answered());
}

TEST_CASE("http2 backend: an idle connection is closed after a minute", "[proxy]") {
  PlayedService service;
  service.greet();
  service.loop.agenda().advance(70'000);
  service.look();
  REQUIRE(!service.frames.empty());
  CHECK(service.frames.back().type == h2::goaway);
}

TEST_CASE("http2 backend: a WebSocket by extended CONNECT", "[proxy]") {
  const h2::Fields asked = {{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                            {"Sec-WebSocket-Version", "13"}};
  PlayedService service;
  SinkRecord sink;
  sink.request.websocket = true;
  Attempt& attempt = service.start(sink, asked);
  service.look();
  CHECK(service.head().empty());  // it waits for the SETTINGS that allow it
  SECTION("allowed") {
    service.feed(frame(h2::settings, 0, 0, h2::setting(8, 1)));
    CHECK(service.head() ==
          ":method: CONNECT\n:protocol: websocket\n:scheme: http\n:authority: a.localhost\n"
          ":path: /path\nsec-websocket-version: 13\n");
    service.feed(head(1, {{":status", "200"}}) + data(1, "hello"));
    CHECK(sink.status == 101);
    CHECK(sink.upgraded);
    CHECK(sink.body == "hello");
    REQUIRE(sink.response.headers.find("sec-websocket-accept") != nullptr);
    CHECK(sink.response.headers.value(*sink.response.headers.find("sec-websocket-accept")) ==
          "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    service.feed(data(1, "", true));
    CHECK(sink.ended);
    {
      const Turn turn(service.loop.agenda());
      attempt.request_data("last");
      attempt.request_end(nullptr);
    }
    service.look();
    CHECK(service.frames.back().payload == "last");
    CHECK(service.frames.back().ends());
  }
  SECTION("not allowed") {
    service.feed(frame(h2::settings, 0, 0));
    CHECK(sink.error.code == Code::not_implemented);
    CHECK(sink.error.detail.find("RFC 8441") != std::string::npos);
  }
  SECTION("refused") {
    service.feed(frame(h2::settings, 0, 0, h2::setting(8, 1)));
    service.feed(head(1, {{":status", "403"}}) + data(1, "no", true));
    CHECK(sink.status == 403);
    CHECK_FALSE(sink.upgraded);
    CHECK(sink.body == "no");
    CHECK(sink.ended);
  }
}

}  // namespace devproxy
