#include "proxy/rules.h"

#include <string>

#include "proxy/http/http1_head.h"
#include "proxy/http/http1_writer.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

void read(Request& request, const std::string& bytes) {
  HeadReader reader;
  std::size_t used = 0;
  REQUIRE(reader.read(bytes, request.headers, used) == HeadReader::Progress::done);
  REQUIRE(read_request_head(reader.start_line(), request).status == 0);
}

ForwardFacts facts() {
  ForwardFacts facts;
  facts.client_ip = "127.0.0.1";
  facts.scheme = "http";
  facts.listener_port = 6289;
  facts.via = "1.1 devproxy-0123abcd";
  facts.request_id = "0f";
  return facts;
}

std::string forwarded(const std::string& bytes, const RouteRule& rule, const ForwardFacts& with,
                      std::string_view normal_path = "/") {
  Request request;
  read(request, bytes);
  ForwardingLines lines;
  prepare_request(request, rule, "up.example:81", normal_path, with, lines);
  std::string out;
  write_request_head(out, request);
  return out;
}

}  // namespace

TEST_CASE("rules: a request is forwarded with fields of our own", "[proxy]") {
  CHECK(forwarded("GET /a?b HTTP/1.1\r\nHost: shop.localhost\r\nX: y\r\n\r\n", {}, facts()) ==
        "GET /a?b HTTP/1.1\r\nHost: shop.localhost\r\nX: y\r\n"
        "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "
        "shop.localhost\r\nX-Forwarded-Port: 6289\r\n"
        "Forwarded: for=127.0.0.1;host=\"shop.localhost\";proto=http\r\nX-Request-Id: 0f\r\nVia: "
        "1.1 devproxy-0123abcd\r\n\r\n");
}

TEST_CASE("rules: what belongs to the client's connection stays there", "[proxy]") {
  const std::string out = forwarded(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Secret, Cookie\r\nKeep-Alive: "
      "timeout=5\r\nProxy-Connection: close\r\n"
      "X-Secret: 1\r\nCookie: c\r\nUpgrade: h2c\r\nTE: gzip\r\nKept: yes\r\n\r\n",
      {}, facts());
  for (const char* gone :
       {"X-Secret", "Cookie", "Keep-Alive", "Proxy-Connection", "Upgrade", "TE:", "Connection"}) {
    CHECK_THAT(out, !ContainsSubstring(gone));
  }
  CHECK_THAT(out, ContainsSubstring("Kept: yes\r\n"));
}

TEST_CASE("rules: Connection cannot take away what the proxy vouches for", "[proxy]") {
  const std::string out = forwarded(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: host, via, x-forwarded-for, x-request-id\r\nVia: "
      "1.0 x\r\n\r\n",
      {}, facts());
  CHECK_THAT(out, ContainsSubstring("Host: a\r\n") && ContainsSubstring("Via: 1.0 x\r\n") &&
                      ContainsSubstring("X-Forwarded-For: 127.0.0.1\r\n") &&
                      ContainsSubstring("X-Request-Id: 0f\r\n"));
}

TEST_CASE("rules: forged forwarding fields are discarded, a trusted proxy's are extended",
          "[proxy]") {
  const std::string request =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: "
      "https\r\nX-Forwarded-Server: s\r\n"
      "Forwarded: for=6.6.6.6\r\nX-Request-Id: theirs\r\n\r\n";
  const std::string forged = forwarded(request, {}, facts());
  CHECK_THAT(forged, !ContainsSubstring("6.6.6.6") && !ContainsSubstring("https") &&
                         !ContainsSubstring("X-Forwarded-Server"));
  CHECK_THAT(forged, ContainsSubstring("X-Request-Id: theirs\r\n"));
  ForwardFacts trusting = facts();
  trusting.trusted = true;
  const std::string kept = forwarded(request, {}, trusting);
  CHECK_THAT(kept, ContainsSubstring("X-Forwarded-For: 6.6.6.6, 127.0.0.1\r\n") &&
                       ContainsSubstring("X-Forwarded-Proto: https\r\n") &&
                       ContainsSubstring(
                           "Forwarded: for=6.6.6.6, for=127.0.0.1;host=\"a\";proto=http\r\n"));
}

TEST_CASE("rules: an open quote of a trusted proxy does not swallow our part of Forwarded",
          "[proxy]") {
  ForwardFacts trusting = facts();
  trusting.trusted = true;
  const std::string ours = "for=127.0.0.1;host=\"a\";proto=http\r\n";
  struct Row {
    std::string theirs, kept;
  };
  const Row rows[] = {{"for=\"1.2.3.4", ""},
                      {"for=\"\\\"", ""},
                      {"for=x, for=\"_y\\\"", ""},
                      {"for=\"[::1]\";by=\"\\\"\"", "for=\"[::1]\";by=\"\\\"\", "}};
  for (const Row& row : rows) {
    INFO(row.theirs);
    CHECK_THAT(forwarded("GET / HTTP/1.1\r\nHost: a\r\nForwarded: " + row.theirs + "\r\n\r\n", {},
                         trusting),
               ContainsSubstring("\r\nForwarded: " + row.kept + ours));
  }
}

TEST_CASE("rules: one X-Request-Id arrives, and it is not empty", "[proxy]") {
  struct Row {
    std::string theirs, arrives;
  };
  const Row rows[] = {{"X-Request-Id:\r\n", "0f"},
                      {"X-Request-Id: \t\r\n", "0f"},
                      {"X-Request-Id: 1\r\nx-request-id: 2\r\n", "1"},
                      {"X-Request-Id:\r\nx-request-id: 2\r\n", "2"},
                      {"Connection: x-request-id\r\nX-Request-Id: 1\r\n", "0f"}};
  for (const Row& row : rows) {
    INFO(row.theirs);
    Request request;
    read(request, "GET / HTTP/1.1\r\nHost: a\r\n" + row.theirs + "\r\n");
    ForwardingLines lines;
    prepare_request(request, {}, "up.example:81", "/", facts(), lines);
    std::string ids;
    for (const Field& field : request.headers.fields()) {
      if (field.id == FieldId::x_request_id && !field.dropped)
        ids.append(request.headers.value(field));
    }
    CHECK(ids == row.arrives);
  }
}

TEST_CASE("rules: an IPv6 client is quoted in Forwarded", "[proxy]") {
  ForwardFacts v6 = facts();
  v6.client_ip = "::1";
  CHECK_THAT(forwarded("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", {}, v6),
             ContainsSubstring("Forwarded: for=\"[::1]\";host=\"[::1]:80\";proto=http\r\n") &&
                 ContainsSubstring("X-Forwarded-Port: 80\r\n"));
}

TEST_CASE("rules: the prefix is stripped and told", "[proxy]") {
  RouteRule rule;
  rule.path = "/api";
  rule.strip_prefix = true;
  CHECK_THAT(
      forwarded("GET /api/users?x=%2e HTTP/1.1\r\nHost: a\r\n\r\n", rule, facts(), "/api/users"),
      ContainsSubstring("GET /users?x=%2e HTTP/1.1\r\n") &&
          ContainsSubstring("X-Forwarded-Prefix: /api\r\n"));
}

TEST_CASE("rules: the Host is the client's, the target's or the service's", "[proxy]") {
  RouteRule rule;
  CHECK_THAT(forwarded("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", rule, facts()),
             ContainsSubstring("\r\nHost: b\r\n") && !ContainsSubstring("Host: a"));
  CHECK_THAT(forwarded("GET / HTTP/1.0\r\n\r\n", rule, facts()),
             ContainsSubstring("\r\nHost: up.example:81\r\n"));
  ForwardFacts upstream = facts();
  upstream.host_header = HostHeader::upstream;
  const std::string out = forwarded("GET / HTTP/1.1\r\nHost: a\r\n\r\n", rule, upstream);
  CHECK_THAT(out, ContainsSubstring("\r\nHost: up.example:81\r\n") &&
                      ContainsSubstring("X-Forwarded-Host: a\r\n"));
}

TEST_CASE("rules: framing is written anew", "[proxy]") {
  CHECK_THAT(forwarded("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\n", {}, facts()),
             ContainsSubstring("\r\nContent-Length: 5\r\n\r\n"));
  CHECK_THAT(
      forwarded("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n", {}, facts()),
      ContainsSubstring("\r\nTransfer-Encoding: chunked\r\n\r\n"));
}

TEST_CASE("rules: our own Via members are counted", "[proxy]") {
  Request request;
  read(request,
       "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 devproxy-0123abcd, 1.0 other (x, y), 1.1 "
       "devproxy-0123abcd\r\nVia: 2 devproxy-0123abcd\r\n"
       "Via: 1.1 devproxy-ffffffff\r\n\r\n");
  CHECK(times_passed(request.headers, "1.1 devproxy-0123abcd") == 3);
}

TEST_CASE("rules: Max-Forwards counts down for OPTIONS and TRACE only", "[proxy]") {
  const auto count = [](const char* method, const char* value) {
    Request request;
    read(request,
         std::string(method) + " / HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + value + "\r\n\r\n");
    const bool goes_on = count_down_max_forwards(request);
    const Field* field = request.headers.find(FieldId::max_forwards);
    return std::string(goes_on ? "on " : "here ") + std::string(request.headers.value(*field));
  };
  CHECK(count("OPTIONS", "3") == "on 2");
  CHECK(count("TRACE", "0") == "here 0");
  CHECK(count("GET", "0") == "on 0");
  CHECK(count("OPTIONS", "x") == "on x");
}

TEST_CASE("rules: a response loses its connection and gains a date", "[proxy]") {
  Response response;
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nServer: "
      "s\r\nContent-Length: 2\r\n\r\n";
  HeadReader reader;
  std::size_t used = 0;
  REQUIRE(reader.read(bytes, response.headers, used) == HeadReader::Progress::done);
  REQUIRE(read_response_head(reader.start_line(), "GET", false, response).status == 0);
  prepare_response(response, "Sun, 22 Nov 2026 04:45:14 GMT");
  std::string out;
  write_response_head(out, response, {});
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nServer: s\r\nDate: Sun, 22 Nov 2026 04:45:14 GMT\r\nContent-Length: "
        "2\r\n\r\n");
}

}  // namespace devproxy
