// A service that is down: held requests, the page and the problem (product section 5).
#include <memory>
#include <vector>

#include "base/json.h"
#include "tests/support/edge.h"
#include "tests/support/websocket.h"

namespace devproxy {
namespace {

const std::string html =
    "GET / HTTP/1.1\r\nHost: a.localhost\r\nAccept: text/html,application/xhtml+xml\r\n\r\n";
/// A service that answered once and is gone now.
class Gone {
 public:
  explicit Gone(const std::string& more = "")
      : upstream_(FakeUpstream::always(plain_ok)), proxy_(routes_to(upstream_, more)) {
    REQUIRE(proxy_.ask(get("a.localhost")).status() == 200);
    upstream_.stop_listening();
    upstream_.drop_connections();
    upstream_.wait_until_idle();
  }
  FakeUpstream& upstream() { return upstream_; }
  TestProxy& proxy() { return proxy_; }

 private:
  FakeUpstream upstream_;
  TestProxy proxy_;
};

void check_page(const TextMessage& page, std::uint16_t port) {
  CHECK((page.status() == 502 || page.status() == 503));
  CHECK_THAT(page.field("content-type"), ContainsSubstring("text/html"));
  CHECK_THAT(page.body, ContainsSubstring("<!doctype html") || ContainsSubstring("<!DOCTYPE html"));
  CHECK_THAT(page.body, ContainsSubstring(std::to_string(port)));
  CHECK_THAT(page.body, ContainsSubstring("prefers-color-scheme"));
  // It must reload itself, and fetch nothing from anywhere.
  CHECK((page.body.find("http-equiv=\"refresh\"") != std::string::npos ||
         page.body.find("<script") != std::string::npos));
  for (const char* external : {"src=\"http", "src=\"//", "href=\"http", "href=\"//", "@import",
                               "url(http", "url(//", "cdn"}) {
    CAPTURE(external);
    CHECK(page.body.find(external) == std::string::npos);
  }
  CHECK_THAT(page.field("cache-control"), ContainsSubstring("no-store"));
}

}  // namespace

TEST_CASE("down: a request is held and released when the service is back", "[e2e][down]") {
  Gone gone;
  const std::string request = GENERATE(
      get("a.localhost"),
      std::string("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5\r\n\r\nhello"),
      std::string("PUT / HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
  RawClient client(gone.proxy().port());
  client.send(request);
  CHECK_FALSE(client.has_input_within(some_refusals));
  gone.upstream().listen_again();
  CHECK(client.receive_final().status() == 200);
  CHECK(gone.upstream().connections() == 2);
  if (request[0] != 'G') CHECK_THAT(gone.upstream().received().at(1), ContainsSubstring("hello"));
}

TEST_CASE("down: many requests are held together, each answered once", "[e2e][down]") {
  Gone gone;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<RawClient>(gone.proxy().port()));
    clients.back()->send("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 1\r\n\r\nx");
  }
  CHECK_FALSE(clients.front()->has_input_within(some_refusals));
  gone.upstream().listen_again();
  for (const auto& client : clients) CHECK(client->receive_final().status() == 200);
  CHECK(gone.upstream().requests() == 51);
}

TEST_CASE("down: a WebSocket upgrade is held as well", "[e2e][down]") {
  Gone gone;
  RawClient client(gone.proxy().port());
  client.send(websocket_request("a.localhost"));
  CHECK_FALSE(client.has_input_within(some_refusals));
  gone.upstream().set_script(echo_websocket);
  gone.upstream().listen_again();
  CHECK(client.receive_head().status() == 101);
  client.send(websocket_frame("hello", true));
  CHECK(receive_websocket_frame(client) == "hello");
}

TEST_CASE("down: a large body waits with its request and arrives whole", "[e2e][down]") {
  Gone gone;
  constexpr std::size_t size = 8 << 20;
  gone.upstream().set_script(FakeUpstream::answering([](const TextMessage& request) {
    return "HTTP/1.1 200 OK\r\nX-Got: " + std::to_string(request.body.size()) +
           "\r\nContent-Length: 0\r\n\r\n";
  }));
  RawClient client(gone.proxy().port());
  client.send("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: " + std::to_string(size) +
              "\r\n\r\n");
  const std::string body(size, 'x');
  const std::size_t sent = client.send_until_stalled(body, some_refusals);
  gone.upstream().listen_again();
  client.send(std::string_view(body).substr(sent));
  CHECK(client.receive_final().field("x-got") == std::to_string(size));
}

TEST_CASE("down: a client that leaves while it is held is not asked for", "[e2e][down]") {
  Gone gone;
  RawClient leaves(gone.proxy().port());
  leaves.send(get("a.localhost", "/gone"));
  RawClient stays(gone.proxy().port());
  stays.send(get("a.localhost", "/stays"));
  CHECK_FALSE(stays.has_input_within(some_refusals));
  leaves.close();
  // An answer to somebody else proves that the proxy has been around its loop since.
  CHECK(gone.proxy().ask(get("localhost")).status() == 404);
  gone.upstream().listen_again();
  CHECK(stays.receive_final().status() == 200);
  for (const std::string& bytes : gone.upstream().received())
    CHECK(bytes.find("/gone") == std::string::npos);
}

TEST_CASE("down: when the hold runs out a browser gets a page and the others a problem",
          "[e2e][down]") {
  Gone gone("hold = \"200ms\"\n");
  RawClient browser(gone.proxy().port());
  RawClient program(gone.proxy().port());
  browser.send(html);
  program.send(get("a.localhost"));
  check_page(browser.receive_final(), gone.upstream().port());
  const TextMessage problem = program.receive_final();
  CHECK((problem.status() == 502 || problem.status() == 503));
  CHECK_THAT(problem.field("content-type"), ContainsSubstring("application/problem+json"));
  CHECK(!problem.field("retry-after").empty());
  const auto json = parse_json(problem.body);
  CHECK(json["status"] == problem.status());
  CHECK(json.contains("title"));
  CHECK_THAT(json_line(json), ContainsSubstring(std::to_string(gone.upstream().port())));
  // Both connections live on, and what comes now is answered at once.
  CHECK(browser.ask(html).status() == problem.status());
  gone.upstream().listen_again();
  TextMessage back = program.ask(get("a.localhost"));
  for (int i = 0; i < 100 && back.status() != 200; ++i) {
    program.has_input_within(std::chrono::milliseconds(20));
    back = program.ask(get("a.localhost"));
  }
  CHECK(back.status() == 200);
}

TEST_CASE("down: after the hold ran out, later requests do not wait again", "[e2e][down]") {
  Gone gone("hold = \"1500ms\"\n");
  RawClient client(gone.proxy().port());
  const auto began = std::chrono::steady_clock::now();
  CHECK(client.ask(get("a.localhost")).status() >= 500);
  const auto waited = std::chrono::steady_clock::now() - began;
  CHECK(waited >= std::chrono::milliseconds(1200));
  const auto again = std::chrono::steady_clock::now();
  CHECK(client.ask(get("a.localhost")).status() >= 500);
  CHECK(std::chrono::steady_clock::now() - again < std::chrono::milliseconds(1000));
}

TEST_CASE("down: hold = \"0s\" never waits", "[e2e][down]") {
  Gone gone("hold = \"0s\"\n");
  const auto began = std::chrono::steady_clock::now();
  CHECK(gone.proxy().ask(get("a.localhost")).status() >= 500);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(1000));
}

TEST_CASE("down: a service that never answered is said to be missing at once", "[e2e][down]") {
  FakeUpstream upstream(FakeUpstream::always(plain_ok), FakeUpstream::Place::v4, false);
  TestProxy proxy(routes_to(upstream));
  const auto began = std::chrono::steady_clock::now();
  check_page(proxy.ask(html), upstream.port());
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(2000));
  upstream.listen_again();
  CHECK(proxy.ask(get("a.localhost")).status() == 200);
}

TEST_CASE("down: pages escape what came from the request", "[e2e][down]") {
  FakeUpstream upstream(FakeUpstream::always(plain_ok), FakeUpstream::Place::v4, false);
  TestProxy proxy(routes_to(upstream));
  const TextMessage page = proxy.ask(
      "GET /<script>alert(1)</script>?\"><img> HTTP/1.1\r\nHost: a.localhost\r\nAccept: "
      "text/html\r\n\r\n");
  CHECK(page.status() >= 500);
  CHECK(page.body.find("<script>alert") == std::string::npos);
  CHECK(page.body.find("\"><img>") == std::string::npos);
}

TEST_CASE("down: a client may prefer the problem over the page", "[e2e][down]") {
  FakeUpstream upstream(FakeUpstream::always(plain_ok), FakeUpstream::Place::v4, false);
  TestProxy proxy(routes_to(upstream));
  for (const char* accept :
       {"application/json", "*/*", "text/html;q=0, application/json", "text/plain"}) {
    CAPTURE(accept);
    const TextMessage answer = proxy.ask(
        "GET / HTTP/1.1\r\nHost: a.localhost\r\nAccept: " + std::string(accept) + "\r\n\r\n");
    CHECK_THAT(answer.field("content-type"), ContainsSubstring("application/problem+json"));
    CHECK(!answer.field("retry-after").empty());
  }
}

}  // namespace devproxy
