// What RFC 9113 asks of a server that is sent something wrong, section by section, in the spirit of
// h2spec: raw frames in, the answer out; in one piece and byte by byte.
#include <string>
#include <vector>

#include "tests/support/http2_edge.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using h2::frame;
using h2::number;

struct Case {
  const char* what;
  std::string bytes;
  const char* outcome;
};

/// Nobody listens there, and no loop runs that would notice: a request to it stays open.
constexpr std::uint16_t silent_port = 9;

void check(const std::vector<Case>& cases, bool greets = true) {
  for (const Case& each : cases) {
    for (const bool in_pieces : {false, true}) {
      // nghttp2 counts the pieces of a CONTINUATION's head as frames.
      if (in_pieces && each.bytes.size() > 32'000) continue;
      INFO(each.what << (in_pieces ? ", byte by byte" : ""));
      Http2Edge edge(silent_port);
      if (greets) edge.greet();
      if (in_pieces) {
        for (const char& byte : each.bytes) edge.feed({&byte, 1});
      } else {
        edge.feed(each.bytes);
      }
      CHECK(edge.outcome() == each.outcome);
    }
  }
}

std::string get(std::uint32_t stream) {
  return Http2Edge::request(stream, {});
}
/// A request whose body is still to come.
std::string post_with(std::uint32_t stream, h2::Fields more = {}) {
  more.insert(more.begin(), {":method", "POST"});
  return Http2Edge::request(stream, more, false);
}
std::string bad(h2::Fields fields) {
  return Http2Edge::request(1, std::move(fields));
}
/// A HEADERS frame with exactly these fields.
std::string exactly(const h2::Fields& fields) {
  return frame(h2::headers, h2::end_headers | h2::end_stream, 1, pack(fields));
}
const h2::Fields plain_head = {
    {":method", "GET"}, {":scheme", "http"}, {":authority", "r.localhost"}, {":path", "/"}};
h2::Fields with(h2::Fields more) {
  h2::Fields all = plain_head;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

constexpr const char* protocol = "goaway PROTOCOL_ERROR";
constexpr const char* size = "goaway FRAME_SIZE_ERROR";
constexpr const char* flow = "goaway FLOW_CONTROL_ERROR";
constexpr const char* closed = "goaway STREAM_CLOSED";
constexpr const char* malformed = "reset 1 PROTOCOL_ERROR";

}  // namespace

TEST_CASE("http2: 3.4 the connection begins with the preface and SETTINGS", "[proxy]") {
  check({{"another protocol", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", protocol},
         {"a wrong preface", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", protocol},
         {"no SETTINGS behind it", std::string(h2::preface) + frame(h2::ping, 0, 0, "12345678"),
          protocol}},
        false);
}

TEST_CASE("http2: 4.2 and 4.3 frame sizes and header blocks", "[proxy]") {
  check({{"DATA larger than SETTINGS_MAX_FRAME_SIZE",
          post_with(1) + frame(h2::data, 0, 1, std::string(16'385, 'x')), size},
         {"HEADERS larger than that",
          frame(h2::headers, h2::end_headers, 1, std::string(16'385, '\x82')), size},
         {"CONTINUATION larger than that",
          frame(h2::headers, h2::end_stream, 1, pack(plain_head)) +
              frame(h2::continuation, h2::end_headers, 1, std::string(32'001, '\x82')),
          size},
         {"an index beyond the table", frame(h2::headers, 5, 1, "\xff\xff\x7f"),
          "goaway COMPRESSION_ERROR"},
         {"a block that ends within a field",
          frame(h2::headers, 5, 1,
                std::string("\x00\x05"
                            "ab",
                            4)),
          "goaway COMPRESSION_ERROR"},
         {"a table size beyond what we allow", frame(h2::headers, 5, 1, "\x3f\xff\xff\x03\x82"),
          "goaway COMPRESSION_ERROR"},
         {"another frame between HEADERS and CONTINUATION",
          frame(h2::headers, h2::end_stream, 1, pack(plain_head)) + get(3), protocol},
         {"another stream's CONTINUATION",
          frame(h2::headers, h2::end_stream, 1, pack(plain_head)) +
              frame(h2::continuation, h2::end_headers, 3),
          protocol},
         {"an unknown frame between them",
          frame(h2::headers, h2::end_stream, 1, pack(plain_head)) + frame(0x42, 0, 0), protocol}});
}

TEST_CASE("http2: 5.1 stream states", "[proxy]") {
  check(
      {{"DATA on an idle stream", Http2Edge::data(1, "x"), protocol},
       {"RST_STREAM on an idle stream", frame(h2::rst_stream, 0, 1, number(8, 4)), protocol},
       {"WINDOW_UPDATE on an idle stream", h2::window(1, 100), protocol},
       {"CONTINUATION on an idle stream",
        frame(h2::continuation, h2::end_headers, 1, pack(plain_head)), protocol},
       {"DATA behind END_STREAM", get(1) + Http2Edge::data(1, "x"), closed},
       {"HEADERS behind END_STREAM", get(1) + get(1), closed},
       {"an even stream", get(2), protocol},
       {"a stream below the last one", get(5) + get(3), protocol},
       {"HEADERS behind the client's own RST_STREAM",
        post_with(1) + frame(h2::rst_stream, 0, 1, number(8, 4)) + get(1), closed},
       {"frames behind a reset of ours that crosses them",
        post_with(1) + h2::window(1, 0x7fffffff) + Http2Edge::data(1, "x") + get(1),
        "reset 1 FLOW_CONTROL_ERROR"},
       {"HEADERS on stream 0", frame(h2::headers, 5, 0, pack(plain_head)), protocol},
       {"a stream that depends on itself",
        frame(h2::headers, 5 | h2::prioritised, 1, number(1, 4) + number(15, 1) + pack(plain_head)),
        protocol}});
}

TEST_CASE("http2: 5.1.2 more streams than allowed are refused", "[proxy]") {
  Http2Edge edge(silent_port);
  edge.greet();
  std::string all;
  for (std::uint32_t i = 0; i < 257; ++i) all += get(2 * i + 1);
  edge.feed(all);
  CHECK((edge.outcome() == "reset 513 REFUSED_STREAM" || edge.outcome() == protocol));
}

TEST_CASE("http2: 5.5 what is unknown is ignored", "[proxy]") {
  const std::string answered = exactly(plain_head);
  check({{"a frame type", frame(0x42, 0xff, 0, "anything") + answered, "1: 308"},
         {"a frame type on a stream", frame(0x42, 0, 77, "anything") + answered, "1: 308"},
         {"a setting", frame(h2::settings, 0, 0, h2::setting(0x4242, 7)) + answered, "1: 308"},
         {"flags", frame(h2::ping, 0x7e, 0, "12345678") + answered, "1: 308"},
         {"the reserved bit of a stream", frame(h2::ping, 0, 0x80000000, "12345678") + answered,
          "1: 308"}});
}

TEST_CASE("http2: 6 the form of every frame", "[proxy]") {
  check({
      {"6.1 DATA on stream 0", Http2Edge::data(0, "x"), protocol},
      {"6.1 padding longer than the frame",
       post_with(1) + frame(h2::data, h2::padded, 1,
                            "\x05"
                            "abc"),
       protocol},
      {"6.2 padding longer than the frame",
       frame(h2::headers, h2::padded | h2::end_headers, 1, "\x7f" + pack(plain_head)), protocol},
      {"6.3 PRIORITY on stream 0", frame(h2::priority, 0, 0, number(1, 4) + number(15, 1)),
       protocol},
      {"6.3 a PRIORITY of four bytes", get(1) + frame(h2::priority, 0, 1, "1234"), size},
      {"6.4 RST_STREAM on stream 0", frame(h2::rst_stream, 0, 0, number(8, 4)), protocol},
      {"6.4 an RST_STREAM of three bytes", get(1) + frame(h2::rst_stream, 0, 1, "123"), size},
      {"6.5 SETTINGS on a stream", frame(h2::settings, 0, 1), protocol},
      {"6.5 SETTINGS of five bytes", frame(h2::settings, 0, 0, "12345"), size},
      {"6.5 an acknowledgement with content", frame(h2::settings, h2::ack, 0, h2::setting(4, 1)),
       size},
      {"6.5.2 ENABLE_PUSH neither 0 nor 1", frame(h2::settings, 0, 0, h2::setting(2, 2)), protocol},
      {"6.5.2 INITIAL_WINDOW_SIZE beyond 2^31-1",
       frame(h2::settings, 0, 0, h2::setting(4, 0x80000000)), flow},
      {"6.5.2 MAX_FRAME_SIZE below 2^14", frame(h2::settings, 0, 0, h2::setting(5, 16'383)),
       protocol},
      {"6.5.2 MAX_FRAME_SIZE beyond 2^24-1", frame(h2::settings, 0, 0, h2::setting(5, 16'777'216)),
       protocol},
      {"6.6 PUSH_PROMISE from a client",
       get(1) + frame(h2::push_promise, h2::end_headers, 1, number(2, 4)), protocol},
      {"6.7 PING on a stream", frame(h2::ping, 0, 1, "12345678"), protocol},
      {"6.7 a PING of six bytes", frame(h2::ping, 0, 0, "123456"), size},
      {"6.8 GOAWAY on a stream", frame(h2::goaway, 0, 1, number(0, 8)), protocol},
      {"6.9 WINDOW_UPDATE of three bytes", frame(h2::window_update, 0, 0, "123"), size},
      {"6.9 a zero increment", h2::window(0, 0), protocol},
      {"6.9 a zero increment on a stream", get(1) + h2::window(1, 0), protocol},
      {"6.9.1 the connection's window beyond 2^31-1", h2::window(0, 0x7fffffff), flow},
      {"6.9.1 a stream's window beyond 2^31-1", get(1) + h2::window(1, 0x7fffffff),
       "reset 1 FLOW_CONTROL_ERROR"},
      {"6.9.2 settings that push a stream's window beyond 2^31-1",
       get(1) + h2::window(1, 0x7fff0000 - 65'535) +
           frame(h2::settings, 0, 0, h2::setting(4, 0x7fffffff)),
       "reset 1 FLOW_CONTROL_ERROR"},
      {"6.10 CONTINUATION without HEADERS",
       get(1) + frame(h2::continuation, h2::end_headers, 1, pack(plain_head)), protocol},
  });
}

TEST_CASE("http2: 6.5 and 6.7 settings and pings are answered", "[proxy]") {
  Http2Edge edge(silent_port);
  edge.greet();
  edge.feed(frame(h2::ping, 0, 0, "devproxy") + frame(h2::ping, h2::ack, 0, "whatever"));
  REQUIRE(!edge.frames.empty());
  CHECK(edge.frames.back().type == h2::ping);
  CHECK(edge.frames.back().flags == h2::ack);
  CHECK(edge.frames.back().payload == "devproxy");
  const h2::Frame& ours = edge.frames.front();
  REQUIRE(ours.type == h2::settings);
  CHECK(ours.payload == h2::setting(3, 256) + h2::setting(4, 256 * 1024) +
                            h2::setting(6, 64 * 1024) + h2::setting(8, 1) + h2::setting(9, 1));
  CHECK(edge.goaways == 0);
}

TEST_CASE("http2: 8.2 and 8.3 malformed requests", "[proxy]") {
  check({
      {"8.2.1 an upper-case name", bad({{"X-Upper", "v"}}), malformed},
      {"8.2.1 an empty name", bad({{"", "v"}}), malformed},
      {"8.2.1 a name with a space", bad({{"x y", "v"}}), malformed},
      {"8.2.1 a value with a line end", bad({{"x", "a\r\nhost: b"}}), malformed},
      {"8.2.1 a value with NUL", bad({{"x", std::string("a\0b", 3)}}), malformed},
      {"8.2.1 a value with a space around it", bad({{"x", " a"}}), malformed},
      {"8.2.2 connection", bad({{"connection", "close"}}), malformed},
      {"8.2.2 keep-alive", bad({{"keep-alive", "timeout=5"}}), malformed},
      {"8.2.2 proxy-connection", bad({{"proxy-connection", "close"}}), malformed},
      {"8.2.2 transfer-encoding", bad({{"transfer-encoding", "chunked"}}), malformed},
      {"8.2.2 upgrade", bad({{"upgrade", "websocket"}}), malformed},
      {"8.2.2 te other than trailers", bad({{"te", "gzip"}}), malformed},
      {"8.3 an unknown pseudo-header field", bad({{":test", "v"}}), malformed},
      {"8.3 one of a response", bad({{":status", "200"}}), malformed},
      {"8.3 one behind a field",
       exactly({{":method", "GET"}, {":scheme", "http"}, {"x", "y"}, {":path", "/"}}), malformed},
      {"8.3 one twice", bad({{":path", "/"}, {":path", "/"}}), malformed},
      {"8.3.1 no :method", exactly({{":scheme", "http"}, {":path", "/"}, {":authority", "a"}}),
       malformed},
      {"8.3.1 no :scheme", exactly({{":method", "GET"}, {":path", "/"}, {":authority", "a"}}),
       malformed},
      {"8.3.1 no :path", exactly({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}}),
       malformed},
      {"8.3.1 an empty :path", bad({{":path", ""}}), malformed},
      {"8.3.1 a :path without its slash", bad({{":path", "x"}}), malformed},
      {"8.3.1 * with another method", bad({{":path", "*"}}), malformed},
      {"8.3.1 neither :authority nor host",
       exactly({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}), malformed},
      {"8.3.1 a fragment in :path", bad({{":path", "/a#b"}}), "1: 400"},
      {"8.3.1 a byte above ASCII in :path", bad({{":path", "/\xc3\xa4"}}), "1: 400"},
      {"8.3.1 host that differs", bad({{"host", "b.localhost"}}), "1: 400"},
      {"8.3.1 host twice", bad({{"host", "a.localhost"}, {"host", "a.localhost"}}), malformed},
      {"8.3.1 user information", bad({{":authority", "me@a.localhost"}}), "1: 400"},
      {"8.3.1 a port that is none", bad({{":authority", "a.localhost:x"}}), "1: 400"},
      {"8.3.1 another scheme", bad({{":scheme", "ftp"}}), "1: 400"},
      {"8.3.1 a target longer than 16 KiB", bad({{":path", "/" + std::string(16'384, 'x')}}),
       "1: 414"},
      {"8.5 a tunnel to anywhere", exactly({{":method", "CONNECT"}, {":authority", "a:443"}}),
       "1: 501"},
      {"RFC 8441: another protocol", bad({{":method", "CONNECT"}, {":protocol", "connect-udp"}}),
       "1: 501"},
      {"RFC 8441: :protocol without CONNECT", bad({{":protocol", "websocket"}}), malformed},
      {"a method that is no token", bad({{":method", "G(T"}}), malformed},
  });
}

TEST_CASE("http2: 8.1.1 a body keeps to its content-length", "[proxy]") {
  check({
      {"less", post_with(1, {{"content-length", "5"}}) + Http2Edge::data(1, "abc", true),
       malformed},
      {"more", post_with(1, {{"content-length", "2"}}) + Http2Edge::data(1, "abc", true),
       malformed},
      {"none at all", bad({{":method", "POST"}, {"content-length", "2"}}), malformed},
      {"no number", post_with(1, {{"content-length", "x"}}), malformed},
      {"two of them", post_with(1, {{"content-length", "2"}, {"content-length", "2"}}), malformed},
      {"trailers with a pseudo-header field",
       post_with(1) + frame(h2::headers, 5, 1, pack({{":path", "/"}})), malformed},
      {"trailers that do not end the stream",
       post_with(1) + frame(h2::headers, h2::end_headers, 1, pack({{"x", "y"}})), malformed},
  });
}

TEST_CASE("http2: heads over the limits", "[proxy]") {
  h2::Fields many;
  for (int i = 0; i < 260; ++i) many.emplace_back("x-" + std::to_string(i), "v");
  std::string large;
  const std::string block = pack(with({{"x-a", std::string(30'000, 'a')},
                                       {"x-b", std::string(30'000, 'b')},
                                       {"x-c", std::string(10'000, 'c')}}));
  for (std::size_t i = 0; i < block.size(); i += 16'000) {
    const bool last = i + 16'000 >= block.size();
    large += frame(
        i == 0 ? h2::headers : h2::continuation,
        static_cast<std::uint8_t>((i == 0 ? h2::end_stream : 0) | (last ? h2::end_headers : 0)), 1,
        std::string_view(block).substr(i, 16'000));
  }
  check({{"more than 256 fields", exactly(with(many)), "1: 431"},
         {"more than 64 KiB", large, "1: 431"}});
}

}  // namespace devproxy
