// What a service gets for what a client sends: methods, bodies, framing (RFC 9110 and 9112).
#include <vector>

#include "tests/support/edge.h"
#include "tests/support/message_table.h"

namespace devproxy {
namespace {

using After = MessageRow::After;

void check_rows(MessageTable& table, TestProxy& proxy, const std::vector<MessageRow>& rows) {
  for (const MessageRow& row : rows) {
    CHECK(table.run(proxy, row, false) == "");
    CHECK(table.run(proxy, row, true) == "");
  }
}

}  // namespace

TEST_CASE("requests: methods and bodies reach the service as they were meant", "[e2e][message]") {
  MessageTable table;
  TestProxy proxy(routes_to(table.upstream()));
  check_rows(
      table, proxy,
      {
          {"GET",
           "GET /a?b=c HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nUser-Agent: t\r\n\r\n",
           "GET /a?b=c HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nUser-Agent: "
           "t\r\n{ours}\r\n",
           plain_ok, plain_ok},
          {"field names keep their case and order, values their inner spaces",
           "GET / HTTP/1.1\r\nx-LOWER-Upper: a  b\r\nHost: {host}\r\nA:1\r\nB:\t 2 \t\r\nA: "
           "3\r\nEmpty:\r\n\r\n",
           "GET / HTTP/1.1\r\nx-LOWER-Upper: a  b\r\nHost: {host}\r\nA: 1\r\nB: 2\r\nA: "
           "3\r\nEmpty:\r\n{ours}\r\n",
           plain_ok, plain_ok},
          {"values with bytes above ASCII",
           "GET / HTTP/1.1\r\nHost: {host}\r\nX-Name: J\xc3\xb6rg \xff\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\nX-Name: J\xc3\xb6rg \xff\r\n{ours}\r\n", plain_ok,
           plain_ok},
          {"Origin, Referer, Cookie, Authorization and traceparent are not touched",
           "GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://a.localhost\r\nReferer: "
           "http://a.localhost/x\r\nCookie: a=b; "
           "c=d\r\nAuthorization: Basic eA==\r\ntraceparent: 00-1-2-01\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://a.localhost\r\nReferer: "
           "http://a.localhost/x\r\nCookie: a=b; "
           "c=d\r\nAuthorization: Basic eA==\r\ntraceparent: 00-1-2-01\r\n{ours}\r\n",
           plain_ok, plain_ok},
          {"POST with a counted body",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n{ours}\r\nhello", plain_ok,
           plain_ok},
          {"POST with an empty body",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n{ours}\r\n", plain_ok,
           plain_ok},
          {"POST without any body gets the length 0 (RFC 9110 8.6)",
           "POST /p HTTP/1.1\r\nHost: {host}\r\n\r\n",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n{ours}\r\n", plain_ok,
           plain_ok},
          {"Content-Length with leading zeros is the number it says",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0005\r\n\r\nhello",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n{ours}\r\nhello", plain_ok,
           plain_ok},
          {"GET with a body", "GET /g HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc",
           "GET /g HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n{ours}\r\nabc", plain_ok,
           plain_ok},
          {"POST with a chunked body",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: "
           "chunked\r\n\r\n3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: "
           "chunked\r\n{ours}\r\nd\r\nabc0123456789\r\n0\r\n\r\n",
           plain_ok, plain_ok},
          {"Transfer-Encoding in other letters",
           "POST /p HTTP/1.1\r\nHost: {host}\r\ntransfer-encoding: "
           "Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: "
           "chunked\r\n{ours}\r\na\r\n0123456789\r\n0\r\n\r\n",
           plain_ok, plain_ok},
          {"chunk extensions end at the proxy (RFC 9112 7.1.1)",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: "
           "chunked\r\n\r\n3;a=b\r\nabc\r\n2;x=\"y\"\r\nde\r\n0;z\r\n\r\n",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: "
           "chunked\r\n{ours}\r\n5\r\nabcde\r\n0\r\n\r\n",
           plain_ok, plain_ok},
          {"a chunked body without any chunk",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /p HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n{ours}\r\n0\r\n\r\n",
           plain_ok, plain_ok},
          {"HEAD: a length without a body", "HEAD /h HTTP/1.1\r\nHost: {host}\r\n\r\n",
           "HEAD /h HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"x\"\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"x\"\r\n\r\n"},
          {"PUT, PATCH, DELETE and unheard-of methods",
           "PUT / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\n\r\nxPATCH / HTTP/1.1\r\nHost: "
           "{host}\r\nContent-Length: "
           "1\r\n\r\nyDELETE / HTTP/1.1\r\nHost: {host}\r\n\r\nPROPFIND / HTTP/1.1\r\nHost: "
           "{host}\r\n\r\n",
           "PUT / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\n{ours}\r\nxPATCH / "
           "HTTP/1.1\r\nHost: "
           "{host}\r\nContent-Length: 1\r\n{ours}\r\nyDELETE / HTTP/1.1\r\nHost: "
           "{host}\r\n{ours}\r\nPROPFIND / "
           "HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n",
           plain_ok, plain_ok + plain_ok + plain_ok + plain_ok},
          {"an empty line before the request line is skipped (RFC 9112 2.2)",
           "\r\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n", plain_ok, plain_ok},
          {"Connection: close is answered and obeyed",
           "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n", plain_ok,
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", After::closed},
      });
}

TEST_CASE("requests: trailers of a chunked body reach the service", "[e2e][message]") {
  MessageTable table;
  TestProxy proxy(routes_to(table.upstream()));
  const std::string client =
      "POST /p HTTP/1.1\r\nHost: {host}\r\nTrailer: X-Sum\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: "
      "7\r\n\r\n";
  // RFC 9110 6.6.2 lets an intermediary keep the Trailer field or drop it; the trailer section
  // itself is kept.
  const std::string with_field =
      "POST /p HTTP/1.1\r\nHost: {host}\r\nTrailer: X-Sum\r\nTransfer-Encoding: "
      "chunked\r\n{ours}\r\n3\r\nabc\r\n0\r\nX-Sum: "
      "7\r\n\r\n";
  const std::string without_field = replaced(with_field, "Trailer: X-Sum\r\n", "");
  const bool bytewise = GENERATE(false, true);
  const std::string first =
      table.run(proxy, {"trailers", client, with_field, plain_ok, plain_ok}, bytewise);
  if (!first.empty())
    CHECK(table.run(proxy, {"trailers", client, without_field, plain_ok, plain_ok}, bytewise) ==
          "");
}

TEST_CASE("requests: a trailer section cannot carry framing, routing or our own fields",
          "[e2e][message]") {
  FakeUpstream upstream(FakeUpstream::always(plain_ok));
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  const TextMessage response = client.ask(
      "POST /p HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: "
      "9\r\nX-Forwarded-For: 6.6.6.6\r\nTransfer-Encoding: chunked\r\nHost: evil\r\nX-Fine: "
      "1\r\n\r\n");
  const std::string received = upstream.received().empty() ? "" : upstream.received().front();
  CAPTURE(response.start, received);
  CHECK((response.status() == 200 || response.status() == 400));
  CHECK(received.find("6.6.6.6") == std::string::npos);
  CHECK(received.find("evil") == std::string::npos);
  CHECK(received.find("Content-Length: 9") == std::string::npos);
}

TEST_CASE("requests: pipelined ones are answered in order", "[e2e][message]") {
  FakeUpstream upstream(FakeUpstream::answering([](const TextMessage& request) {
    const std::string body = request.method() + request.target() + request.body;
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }));
  TestProxy proxy(routes_to(upstream));
  const bool bytewise = GENERATE(false, true);
  RawClient client(proxy.port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    all += i % 2 == 0 ? get("a.localhost", "/" + number)
                      : "POST /" + number +
                            " HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 2\r\n\r\n:)";
  }
  if (bytewise) {
    client.send_bytewise(all);
  } else {
    client.send(all);
  }
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(i);
    CHECK(client.receive_message().body ==
          (i % 2 == 0 ? "GET/" + number : "POST/" + number + ":)"));
  }
}

TEST_CASE("requests: HTTP/1.0 clients are served, and services get HTTP/1.1", "[e2e][message]") {
  MessageTable table;
  TestProxy proxy(routes_to(table.upstream()));
  // RFC 9110 7.6.3: Via names the version in which the message was received.
  const std::string ours_1_0 =
      "Via: 1.0 devproxy-#\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: "
      "http\r\nX-Forwarded-Host: "
      "{host}\r\nX-Forwarded-Port: {port}\r\nX-Request-Id: #\r\n";
  check_rows(
      table, proxy,
      {
          {"1.0 without keep-alive", "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\n" + ours_1_0 + "\r\n", plain_ok,
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", After::closed},
          {"1.0 with keep-alive",
           "GET / HTTP/1.0\r\nHost: {host}\r\nConnection: keep-alive\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\n" + ours_1_0 + "\r\n", plain_ok,
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"},
          {"1.0 gets a chunked body up to the close",
           "GET / HTTP/1.0\r\nHost: {host}\r\nConnection: keep-alive\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\n" + ours_1_0 + "\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde", After::closed},
          {"1.0 gets no interim response (RFC 9110 15.2)", "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: {host}\r\n" + ours_1_0 + "\r\n",
           "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + plain_ok,
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", After::closed},
      });
}

}  // namespace devproxy
