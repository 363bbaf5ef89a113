// Message heads, bytes in, meaning out: each row is read in one piece and one byte at a time.
#include "proxy/http/http1_head.h"

#include <string>
#include <vector>

#include "proxy/http/http1_opinion.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

struct HeadReading {
  Request request;
  HeadFault fault;
  std::size_t used = 0;
  bool done = false;
};

void give_meaning(HeadReading& reading, const HeadReader& reader) {
  reading.fault = read_request_head(reader.start_line(), reading.request);
  if (reading.fault) return;
  HeadOpinion opinion;
  const std::string_view head =
      std::string_view(reading.request.headers.block()).substr(0, reader.size());
  if (const char* why = opinion.disagrees(head, reading.request)) reading.fault = {400, why};
}

HeadReading read_request(std::string_view bytes, std::size_t step) {
  HeadReading reading;
  HeadReader reader;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t used = 0;
    const Bytes piece = bytes.substr(at, step);
    switch (reader.read(piece, reading.request.headers, used)) {
      case HeadReader::Progress::more:
        at += used;
        continue;
      case HeadReader::Progress::refused:
        reading.fault = reader.fault();
        return reading;
      case HeadReader::Progress::done:
        reading.used = at + used;
        reading.done = true;
        give_meaning(reading, reader);
        return reading;
    }
  }
  return reading;
}

struct Refusal {
  const char* name;
  std::string bytes;
  int status;
};

std::vector<Refusal> refusals() {
  const std::string host = "Host: a\r\n";
  const std::string get = "GET / HTTP/1.1\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  return {
      {"bare LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"bare LF behind a field", get + "Host: a\nX: y\r\n\r\n", 400},
      {"bare CR in a value", get + host + "X: a\rb\r\n\r\n", 400},
      {"CR CR LF", get + host + "\r\r\n", 400},
      {"NUL in a value", get + host + std::string("X: a\0b\r\n\r\n", 10), 400},
      {"control byte in a value", get + host + "X: a\x01\r\n\r\n", 400},
      {"DEL in a value", get + host + "X: a\x7f\r\n\r\n", 400},
      {"folded line", get + host + "X: a\r\n b\r\n\r\n", 400},
      {"folded first line", get + " X: a\r\n" + host + "\r\n", 400},
      {"blank in front of the colon", get + "Host : a\r\n\r\n", 400},
      {"no name", get + host + ": a\r\n\r\n", 400},
      {"no colon", get + host + "X\r\n\r\n", 400},
      {"a name that is no token", get + host + "X(y): a\r\n\r\n", 400},
      {"no Host", get + "\r\n", 400},
      {"two Hosts", get + host + host + "\r\n", 400},
      {"a malformed Host", get + "Host: a b\r\n\r\n", 400},
      {"a Host with user information", get + "Host: u@a\r\n\r\n", 400},
      {"a Host with a port that is none", get + "Host: a:x\r\n\r\n", 400},
      {"a Host with a path", get + "Host: a/b\r\n\r\n", 400},
      {"two Content-Lengths", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
      {"a list of Content-Lengths", post + "Content-Length: 1, 1\r\n\r\n", 400},
      {"a negative Content-Length", post + "Content-Length: -1\r\n\r\n", 400},
      {"a Content-Length with a plus", post + "Content-Length: +1\r\n\r\n", 400},
      {"an empty Content-Length", post + "Content-Length:\r\n\r\n", 400},
      {"a hexadecimal Content-Length", post + "Content-Length: 0x1\r\n\r\n", 400},
      {"a Content-Length beyond 64 bits", post + "Content-Length: 18446744073709551616\r\n\r\n",
       400},
      {"Content-Length and chunked",
       post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"chunked and Content-Length",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
      {"two Transfer-Encodings",
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
      {"chunked not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
      {"an empty Transfer-Encoding", post + "Transfer-Encoding:\r\n\r\n", 400},
      {"a vertical tab in Transfer-Encoding",
       post + "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n",
       400},
      {"chunked in an empty list", post + "Transfer-Encoding: , chunked\r\n\r\n", 400},
      {"another coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"an unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n", 501},
      {"identity", post + "Transfer-Encoding: identity\r\n\r\n", 501},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
       400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
      {"a version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"a version with more digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"two blanks in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"raw UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"user information in the target", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no host in the target", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk of another method", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501},
      {"a method that is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"many empty lines in front", "\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target of more than 16 KiB",
       "GET /" + std::string(17'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"a request line that never ends", "GET /" + std::string(70'000, 'a'), 414},
      {"a field of more than 64 KiB", get + host + "X: " + std::string(70'000, 'a'), 431},
      {"a head of more than 64 KiB",
       get + host +
           [] {
             std::string fields;
             for (int i = 0; i < 200; ++i) fields += "X: " + std::string(400, 'a') + "\r\n";
             return fields;
           }() +
           "\r\n",
       431},
      {"more than 256 fields",
       get +
           [] {
             std::string fields;
             for (int i = 0; i < 257; ++i) fields += "X: y\r\n";
             return fields;
           }() +
           host + "\r\n",
       431},
  };
}

}  // namespace

TEST_CASE("http1 head: what a request must not look like is refused", "[proxy]") {
  for (const Refusal& row : refusals()) {
    for (const std::size_t step : {std::size_t{1} << 20U, std::size_t{1}}) {
      INFO(row.name << ", " << step << " bytes at a time");
      const HeadReading reading = read_request(row.bytes, step);
      CHECK(reading.fault.status == row.status);
    }
  }
}

TEST_CASE("http1 head: what a request says is understood", "[proxy]") {
  struct Row {
    std::string bytes;
    std::string method, target, authority;
    BodyLength::Kind body;
    std::uint64_t length;
    bool keep_alive, websocket, host_in_target;
  };
  using Kind = BodyLength::Kind;
  const std::vector<Row> rows = {
      {"GET /a?b=c HTTP/1.1\r\nHost: shop.localhost:6289\r\n\r\n", "GET", "/a?b=c",
       "shop.localhost:6289", Kind::none, 0, true, false, false},
      {"GET / HTTP/1.0\r\n\r\n", "GET", "/", "", Kind::none, 0, false, false, false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "", Kind::none, 0, true,
       false, false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, close\r\n\r\n", "GET", "/", "a", Kind::none,
       0, false, false, false},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET", "/", "", Kind::none, 0, true, false, false},
      {"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET", "/", "[::1]:80", Kind::none, 0, true,
       false, false},
      {"\r\nGET / HTTP/1.1\r\nHost:\t a \t\r\n\r\n", "GET", "/", "a", Kind::none, 0, true, false,
       false},
      {"GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/x?y", "b:81", Kind::none, 0,
       true, false, true},
      {"GET HTTP://b?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/?y", "b", Kind::none, 0, true, false,
       true},
      {"OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*", "b", Kind::none, 0, true,
       false, true},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*", "a", Kind::none, 0, true, false,
       false},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST", "/", "a", Kind::none, 0,
       true, false, false},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n", "POST", "/", "a", Kind::known,
       7, true, false, false},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", "POST", "/", "a",
       Kind::unknown, 0, true, false, false},
      {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n\r\n",
       "GET", "/", "a", Kind::none, 0, true, true, false},
      {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", "GET", "/", "a", Kind::none, 0,
       true, false, false},
      {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "GET", "/", "a",
       Kind::none, 0, true, false, false},
      {"QUERY /q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", "QUERY", "/q", "a", Kind::known,
       3, true, false, false},
      {"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", "BREW", "/pot", "a", Kind::none, 0, true, false,
       false},
      {"GET /a|b\"<> HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/a|b\"<>", "a", Kind::none, 0, true,
       false, false},
      {"GET / HTTP/1.7\r\nHost: a\r\n\r\n", "GET", "/", "a", Kind::none, 0, true, false, false},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: \xe4\xff caf\xc3\xa9\r\n\r\n", "GET", "/", "a", Kind::none,
       0, true, false, false},
  };
  for (const Row& row : rows) {
    for (const std::size_t step : {std::size_t{1} << 20U, std::size_t{1}}) {
      INFO(row.bytes << step << " bytes at a time");
      const HeadReading reading = read_request(row.bytes + "rest", step);
      CHECK(reading.fault.why == std::string());
      CHECK(reading.used == row.bytes.size());
      CHECK(reading.request.method_text() == row.method);
      CHECK(reading.request.target_text() == row.target);
      CHECK(reading.request.authority_text() == row.authority);
      CHECK(reading.request.body.kind == row.body);
      CHECK(reading.request.body.bytes == row.length);
      CHECK(reading.request.keep_alive == row.keep_alive);
      CHECK(reading.request.websocket == row.websocket);
      CHECK(reading.request.host_is_in_target == row.host_in_target);
    }
  }
}

namespace {

struct ResponseReading {
  Response response;
  HeadFault fault;
};

ResponseReading read_response(std::string bytes, std::string_view method, bool websocket) {
  ResponseReading reading;
  HeadReader reader;
  std::size_t used = 0;
  const HeadReader::Progress progress = reader.read(bytes, reading.response.headers, used);
  if (progress == HeadReader::Progress::refused) {
    reading.fault = reader.fault();
    return reading;
  }
  REQUIRE(progress == HeadReader::Progress::done);
  reading.fault = read_response_head(reader.start_line(), method, websocket, reading.response);
  HeadOpinion opinion;
  if (!reading.fault && opinion.disagrees(bytes, reading.response) != nullptr)
    reading.fault = {502, "llhttp"};
  return reading;
}

}  // namespace

TEST_CASE("http1 head: the length of a response follows RFC 9112 6.3", "[proxy]") {
  using Kind = BodyLength::Kind;
  struct Row {
    const char* bytes;
    const char* method;
    bool websocket;
    Kind body;
    std::uint64_t length;
    bool keep_alive;
  };
  const std::vector<Row> rows = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "GET", false, Kind::known, 5, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", false, Kind::none, 0, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD", false, Kind::none, 0, true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "GET", false, Kind::none, 0, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", "GET", false, Kind::none, 0, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", false, Kind::unknown, 0,
       true},
      {"HTTP/1.1 200 OK\r\n\r\n", "GET", false, Kind::unknown, 0, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "GET", false, Kind::known, 5, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", "GET", false,
       Kind::known, 5, true},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "GET", false, Kind::none, 0, true},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "GET", false, Kind::none,
       0, false},
      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "GET", false, Kind::none, 0, true},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
       "GET", true, Kind::none, 0, false},
  };
  for (const Row& row : rows) {
    INFO(row.bytes);
    const ResponseReading reading = read_response(row.bytes, row.method, row.websocket);
    CHECK(reading.fault.why == std::string());
    CHECK(reading.response.body.kind == row.body);
    CHECK(reading.response.body.bytes == row.length);
    CHECK(reading.response.keep_alive == row.keep_alive);
    CHECK(reading.response.upgraded == row.websocket);
  }
}

TEST_CASE("http1 head: a response that breaks the rules is refused", "[proxy]") {
  const std::vector<std::string> rows = {
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
      "HTTP/1.1 099 Odd\r\n\r\n",
      "HTTP/1.1 600 Odd\r\n\r\n",
      "HTTP/1.1 20 OK\r\nContent-Length: 1\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/2 200 OK\r\n\r\n",
      "ICY 200 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
  };
  for (const std::string& row : rows) {
    INFO(row);
    CHECK(read_response(row, "GET", false).fault.status != 0);
  }
}

}  // namespace devproxy
