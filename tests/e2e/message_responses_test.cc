// What a client gets for what a service answers: framing, interim responses, hop-by-hop fields (RFC
// 9110 and 9112).
#include <vector>

#include "tests/support/edge.h"
#include "tests/support/message_table.h"

namespace devproxy {
namespace {

using After = MessageRow::After;

const std::string get_client = "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n";
const std::string get_upstream = "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n";

MessageRow row(const char* name, const std::string& reply, const std::string& answer,
               bool upstream_closes = false) {
  return {name, get_client, get_upstream, reply, answer, After::reusable, upstream_closes};
}

}  // namespace

TEST_CASE("responses: every framing reaches the client complete and framed anew",
          "[e2e][message]") {
  MessageTable table;
  TestProxy proxy(routes_to(table.upstream()));
  const std::vector<MessageRow> rows{
      row("counted", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello"),
      row("status and reason are kept", "HTTP/1.1 299 Quite Fine\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 299 Quite Fine\r\nContent-Length: 0\r\n\r\n"),
      row("an empty reason may be filled in", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
      row("chunked",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
          "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"),
      row("up to the close", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it",
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
          "chunked\r\n\r\n9\r\nall of it\r\n0\r\n\r\n",
          true),
      row("up to the close, and nothing", "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true),
      row("from an HTTP/1.0 service", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true),
      row("from an HTTP/1.0 service up to the close", "HTTP/1.0 200 OK\r\n\r\nok",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true),
      row("204", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
          "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
      row("204 with a length, which it must not have (RFC 9110 8.6)",
          "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 204 No Content\r\n\r\n"),
      row("304 with the length of what is not sent",
          "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"e\"\r\n\r\n",
          "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"e\"\r\n\r\n"),
      row("103 Early Hints",
          "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 "
          "OK\r\nContent-Length: 2\r\n\r\nok",
          "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 "
          "OK\r\nContent-Length: 2\r\n\r\nok"),
      row("several interim responses",
          "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 "
          "404 Not Found\r\nContent-Length: "
          "0\r\n\r\n",
          "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 "
          "404 Not Found\r\nContent-Length: "
          "0\r\n\r\n"),
      row("Set-Cookie lines are never joined",
          "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nContent-Length: "
          "0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nContent-Length: "
          "0\r\n\r\n"),
      row("bytes above ASCII in values",
          "HTTP/1.1 200 OK\r\nX-N: \xe9\xff\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nX-N: \xe9\xff\r\nContent-Length: 0\r\n\r\n"),
      row("hop-by-hop fields and those that Connection names end here",
          "HTTP/1.1 200 OK\r\nConnection: X-Private, keep-alive\r\nX-Private: 1\r\nKeep-Alive: "
          "timeout=9\r\nProxy-Connection: "
          "x\r\nUpgrade: h2c\r\nX-Public: 2\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nX-Public: 2\r\nContent-Length: 0\r\n\r\n"),
      row("Connection: close of the service is not the client's",
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true),
      row("Connection cannot take an end-to-end field away that frames the message",
          "HTTP/1.1 200 OK\r\nConnection: Content-Length\r\nContent-Length: 2\r\n\r\nok",
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
      row("Server, Date, Via, ETag and Location are not touched",
          "HTTP/1.1 302 Found\r\nServer: x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nVia: 1.1 "
          "inner\r\nETag: W/\"\"\r\nLocation: "
          "http://127.0.0.1/y\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 302 Found\r\nServer: x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nVia: 1.1 "
          "inner\r\nETag: W/\"\"\r\nLocation: "
          "http://127.0.0.1/y\r\nContent-Length: 0\r\n\r\n"),
  };
  for (const MessageRow& each : rows) {
    CHECK(table.run(proxy, each, false) == "");
    CHECK(table.run(proxy, each, true) == "");
  }
}

TEST_CASE("responses: trailers reach a client that asks for them", "[e2e][message]") {
  const bool bytewise = GENERATE(false, true);
  FakeUpstream upstream([bytewise](Peer& peer) {
    const std::string reply =
        "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n";
    TextMessage request;
    while (peer.receive_request(request)) bytewise ? peer.send_bytewise(reply) : peer.send(reply);
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  const TextMessage response =
      client.ask("GET / HTTP/1.1\r\nHost: a.localhost\r\nTE: trailers\r\nConnection: TE\r\n\r\n");
  CHECK(response.body == "abc");
  REQUIRE(response.trailers.size() == 1);
  CHECK(response.trailers[0].name == "X-Sum");
  CHECK(response.trailers[0].value == "7");
  // TE: trailers is the one member of TE that an intermediary may pass on, and gRPC needs it.
  CHECK(upstream.received().at(0).find("\r\nTE: trailers\r\n") != std::string::npos);
}

TEST_CASE("responses: to HEAD never have a body, whatever the framing says", "[e2e][message]") {
  MessageTable table;
  TestProxy proxy(routes_to(table.upstream()));
  const std::string client = "HEAD / HTTP/1.1\r\nHost: {host}\r\n\r\n";
  const std::string upstream = "HEAD / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n";
  const std::vector<MessageRow> rows{
      {"HEAD, chunked", client, upstream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
       "HTTP/1.1 200 OK\r\n\r\n"},
      {"HEAD, counted", client, upstream, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n",
       "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"},
      {"HEAD, neither", client, upstream, "HTTP/1.1 200 OK\r\nX: y\r\n\r\n",
       "HTTP/1.1 200 OK\r\nX: y\r\n\r\n"},
      {"HEAD, 404", client, upstream, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n",
       "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"},
  };
  for (const MessageRow& each : rows) {
    CHECK(table.run(proxy, each, false) == "");
    CHECK(table.run(proxy, each, true) == "");
  }
}

TEST_CASE("responses: the proxy's own answers to HEAD have no body either", "[e2e][message]") {
  TestProxy proxy("[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n");
  RawClient client(proxy.port());
  CHECK(client.ask("HEAD /a HTTP/1.1\r\nHost: r.localhost\r\n\r\n").status() == 308);
  CHECK(client.ask("HEAD /a HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n").status() == 404);
  CHECK(client.ask(get("r.localhost")).status() == 308);
}

}  // namespace devproxy
