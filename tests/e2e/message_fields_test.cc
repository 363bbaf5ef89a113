// What happens to fields on the way to a service: Connection, Via, X-Forwarded-*, Host,
// X-Request-Id (RFC 9110 7.6 and product section 5).
#include <regex>
#include <vector>

#include "tests/support/edge.h"
#include "tests/support/message_table.h"

namespace devproxy {
namespace {

/// The head that a service gets for a request; the service answers plain_ok.
class Seen {
 public:
  explicit Seen(const std::string& more_routes = "", TestProxy::Options options = {})
      : upstream_([this](Peer& peer) { serve(peer); }),
        proxy_(routes_to(upstream_) + more_routes, std::move(options)) {}

  TextMessage head_of(const std::string& request, Family family = Family::v4) {
    RawClient client(proxy_.port_of(family), family);
    const TextMessage response = client.ask(request);
    INFO(response.head());
    REQUIRE(response.status() == 200);
    const std::lock_guard lock(mutex_);
    return last_;
  }
  TestProxy& proxy() { return proxy_; }
  FakeUpstream& upstream() { return upstream_; }

 private:
  void serve(Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      {
        const std::lock_guard lock(mutex_);
        last_ = request;
      }
      peer.send(plain_ok);
    }
  }

  std::mutex mutex_;
  TextMessage last_;
  FakeUpstream upstream_;
  TestProxy proxy_;
};

}  // namespace

TEST_CASE("fields: what is meant for one hop goes one hop", "[e2e][message]") {
  MessageTable table;
  TestProxy proxy(routes_to(table.upstream()));
  const std::vector<MessageRow> rows{
      {"fields that Connection names",
       "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: X-Secret , x-other,,keep-alive\r\nX-Secret: "
       "1\r\nX-OTHER: 2\r\nX-Stays: "
       "3\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\nX-Stays: 3\r\n{ours}\r\n", plain_ok, plain_ok},
      {"fields that two Connection lines name",
       "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: a\r\nA: 1\r\nB: 2\r\nConnection: b\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n", plain_ok, plain_ok},
      {"hop-by-hop fields that nobody names",
       "GET / HTTP/1.1\r\nHost: {host}\r\nKeep-Alive: 300\r\nProxy-Connection: keep-alive\r\nTE: "
       "gzip\r\nX-Stays: 3\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\nX-Stays: 3\r\n{ours}\r\n", plain_ok, plain_ok},
      {"an upgrade that we do not forward",
       "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
       "h2c\r\nHTTP2-Settings: x\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n", plain_ok, plain_ok},
      {"Upgrade that Connection does not name",
       "GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n", plain_ok, plain_ok},
      {"Connection cannot take Host or our own fields away",
       "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Host, X-Forwarded-For, Via, "
       "X-Forwarded-Host\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n", plain_ok, plain_ok},
      {"Connection cannot take the framing away",
       "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: Content-Length\r\nContent-Length: "
       "2\r\n\r\nhi",
       "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n{ours}\r\nhi", plain_ok, plain_ok},
      {"Via is appended to",
       "GET / HTTP/1.1\r\nHost: {host}\r\nVia: 1.0 fred, 1.1 p.example\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\nVia: 1.0 fred, 1.1 p.example, 1.1 "
       "devproxy-#\r\nX-Forwarded-For: "
       "127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: {host}\r\nX-Forwarded-Port: "
       "{port}\r\nX-Request-Id: #\r\n\r\n",
       plain_ok, plain_ok},
      {"what a client says about forwarding is discarded",
       "GET / HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: "
       "5.6.7.8\r\nx-forwarded-proto: "
       "https\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Prefix: "
       "/evil\r\nForwarded: "
       "for=1.2.3.4\r\nX-Forwarded-Server: evil\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\n{ours}\r\n", plain_ok, plain_ok},
      {"a request's own X-Request-Id is passed on",
       "GET / HTTP/1.1\r\nHost: {host}\r\nX-Request-Id: mine-1\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: {host}\r\nVia: 1.1 devproxy-#\r\nX-Forwarded-For: "
       "127.0.0.1\r\nX-Forwarded-Proto: "
       "http\r\nX-Forwarded-Host: {host}\r\nX-Forwarded-Port: {port}\r\nX-Request-Id: "
       "mine-1\r\n\r\n",
       plain_ok, plain_ok},
  };
  for (const MessageRow& row : rows) {
    CHECK(table.run(proxy, row, false) == "");
    CHECK(table.run(proxy, row, true) == "");
  }
}

TEST_CASE("fields: every request gets an X-Request-Id of its own and one instance in Via",
          "[e2e][message]") {
  Seen seen;
  const TextMessage first = seen.head_of(get("a.localhost"));
  const TextMessage second = seen.head_of(get("a.localhost"));
  CHECK(!first.field("x-request-id").empty());
  CHECK(first.field("x-request-id") != second.field("x-request-id"));
  CHECK(!first.has("traceparent"));
  CHECK(first.field("via") == second.field("via"));
  CHECK(std::regex_match(first.field("via"), std::regex("1\\.1 devproxy-[0-9a-f]{8}")));
}

TEST_CASE("fields: X-Forwarded-Host is what the client said, Host is preserved", "[e2e][message]") {
  Seen seen;
  const std::string port = std::to_string(seen.proxy().port());
  const TextMessage upper =
      seen.head_of("GET / HTTP/1.1\r\nHost: A.LocalHost.:" + port + "\r\n\r\n");
  CHECK(upper.field("host") == "A.LocalHost.:" + port);
  CHECK(upper.field("x-forwarded-host") == "A.LocalHost.:" + port);
  const TextMessage other_port = seen.head_of("GET / HTTP/1.1\r\nHost: a.localhost:8080\r\n\r\n");
  CHECK(other_port.field("host") == "a.localhost:8080");
  CHECK(other_port.field("x-forwarded-host") == "a.localhost:8080");
}

TEST_CASE("fields: host_header = upstream sends the service's own authority", "[e2e][message]") {
  FakeUpstream upstream(FakeUpstream::always(plain_ok));
  const std::string authority = "127.0.0.1:" + std::to_string(upstream.port());
  TestProxy proxy(
      "[services.u]\nhost = \"u.localhost\"\nurl = \"http://" + authority +
      "\"\n[[routes]]\nhost = \"v.localhost\"\nservice = \"u\"\nhost_header = \"upstream\"\n");
  CHECK(proxy.ask(get("v.localhost")).status() == 200);
  const std::string received = upstream.received().at(0);
  CAPTURE(received);
  CHECK(received.find("\r\nHost: " + authority + "\r\n") != std::string::npos);
  CHECK(received.find("\r\nX-Forwarded-Host: v.localhost\r\n") != std::string::npos);
  CHECK(received.find("Host: v.localhost") == received.rfind("Host: v.localhost"));
}

TEST_CASE("fields: a client on ::1 is named as such", "[e2e][message]") {
  TestProxy::Options options;
  options.ipv6 = true;
  Seen seen("", options);
  const std::string port = std::to_string(seen.proxy().port_of(Family::v6));
  const TextMessage head =
      seen.head_of("GET / HTTP/1.1\r\nHost: a.localhost:" + port + "\r\n\r\n", Family::v6);
  CHECK(head.field("x-forwarded-for") == "::1");
  CHECK(head.field("x-forwarded-port") == port);
}

TEST_CASE("fields: a trusted proxy's X-Forwarded-* are kept and extended", "[e2e][message]") {
  TestProxy::Options options;
  options.proxy_keys = "trusted_proxies = [\"127.0.0.0/8\"]";
  Seen seen("", options);
  const TextMessage head = seen.head_of(
      "GET / HTTP/1.1\r\nHost: a.localhost\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: "
      "https\r\nX-Forwarded-Host: "
      "shop.example\r\nX-Forwarded-Port: 443\r\n\r\n");
  CHECK(head.field("x-forwarded-for") == "1.2.3.4, 127.0.0.1");
  CHECK(head.field("x-forwarded-proto") == "https");
  CHECK(head.field("x-forwarded-host") == "shop.example");
  CHECK(head.field("x-forwarded-port") == "443");
}

TEST_CASE("fields: our own member five times in Via is a loop and gets 508", "[e2e][message]") {
  Seen seen;
  const std::string via = seen.head_of(get("a.localhost")).field("via");
  const auto with_members = [&](int count, const std::string& member) {
    std::string value = "1.1 other";
    for (int i = 0; i < count; ++i) value += ", " + member;
    return "GET / HTTP/1.1\r\nHost: a.localhost\r\nVia: " + value + "\r\n\r\n";
  };
  CHECK(seen.head_of(with_members(4, via)).count("via") >= 1);
  const std::size_t before = seen.upstream().requests();
  const TextMessage loop = seen.proxy().ask(with_members(5, via));
  CHECK(loop.status() == 508);
  CHECK_THAT(loop.body, ContainsSubstring("changeOrigin"));
  CHECK_THAT(loop.body, ContainsSubstring("a.localhost"));
  CHECK(seen.upstream().requests() == before);
  // Members on lines of their own count as well; somebody else's instance does not.
  std::string lines;
  for (int i = 0; i < 5; ++i) lines += "Via: " + via + "\r\n";
  CHECK(seen.proxy().ask("GET / HTTP/1.1\r\nHost: a.localhost\r\n" + lines + "\r\n").status() ==
        508);
  CHECK(seen.proxy().ask(with_members(9, "1.1 devproxy-zzzzzzzz")).status() == 200);
}

TEST_CASE("fields: a real loop through a route to ourselves ends with 508", "[e2e][message]") {
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\nredirect = \"http://x.localhost\"\n");
  // Only after the start is the port known, so the way back to ourselves goes through a relay of
  // the test.
  const std::uint16_t port = proxy.port();
  FakeUpstream relay([port](Peer& peer) {
    TextMessage request;
    while (peer.receive_request_head(request)) {
      RawClient onward(port);
      std::string head = request.start + "\r\n";
      for (const TextField& field : request.fields)
        head += field.name + ": " + field.value + "\r\n";
      const TextMessage response = onward.ask(head + "\r\n");
      peer.send("HTTP/1.1 " + std::to_string(response.status()) +
                " X\r\nContent-Length: 0\r\n\r\n");
    }
  });
  proxy.reload(routes_to(relay));
  CHECK(proxy.ask(get("a.localhost")).status() == 508);
  CHECK(relay.requests() == 5);
}

TEST_CASE("fields: Max-Forwards counts down on TRACE and OPTIONS, and ends here at 0",
          "[e2e][message]") {
  FakeUpstream upstream(FakeUpstream::always(plain_ok));
  TestProxy proxy(routes_to(upstream));
  const auto ask = [&](const std::string& method, const std::string& value) {
    return proxy.ask(method + " /x HTTP/1.1\r\nHost: a.localhost\r\nMax-Forwards: " + value +
                     "\r\nX-A: b\r\n\r\n");
  };
  CHECK(ask("OPTIONS", "3").status() == 200);
  CHECK_THAT(upstream.received().at(0), ContainsSubstring("\r\nMax-Forwards: 2\r\n"));
  const std::size_t before = upstream.requests();
  const TextMessage options = ask("OPTIONS", "0");
  CHECK((options.status() == 200 || options.status() == 204));
  const TextMessage trace = ask("TRACE", "0");
  // RFC 9110 9.3.8: the final recipient reflects the request, or does not support TRACE.
  CHECK((trace.status() == 200 || trace.status() == 405 || trace.status() == 501));
  if (trace.status() == 200) CHECK_THAT(trace.body, ContainsSubstring("TRACE /x HTTP/1.1"));
  CHECK(upstream.requests() == before);
  CHECK(ask("GET", "0").status() == 200);
  CHECK(upstream.requests() == before + 1);
}

}  // namespace devproxy
