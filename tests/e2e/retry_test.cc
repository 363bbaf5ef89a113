// Warm connections and safe retries (product section 5, "Retry").
#include <atomic>
#include <mutex>
#include <vector>

#include "tests/support/edge.h"

namespace devproxy {
namespace {

std::string ask_for(const std::string& method, const std::string& body = "") {
  return method +
         " /x HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

/// Answers one request, then takes a second one on the same connection and ends without a word (or
/// after `last_words`), on its first connection only: what a service looks like that closes an idle
/// connection just then.
class Quitter {
 public:
  explicit Quitter(std::string last_words = "")
      : upstream_([this, words = std::move(last_words)](Peer& peer) {
          TextMessage request;
          while (peer.receive_request(request)) {
            {
              const std::lock_guard lock(mutex_);
              bodies_.push_back(request.method() + " " + request.body);
            }
            if (peer.number() == 0 && served_ > 0) {
              peer.try_send(words);
              return;
            }
            ++served_;
            peer.send(request.method() == "HEAD" ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
                                                 : plain_ok);
          }
        }) {}
  FakeUpstream& upstream() { return upstream_; }
  std::vector<std::string> bodies() {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> bodies_;
  std::atomic<int> served_ = 0;
  FakeUpstream upstream_;
};

}  // namespace

TEST_CASE("retry: connections to a service are kept and used again", "[e2e][pool]") {
  FakeUpstream upstream(FakeUpstream::always(plain_ok));
  TestProxy proxy(routes_to(upstream));
  for (int i = 0; i < 5; ++i) {
    RawClient client(proxy.port());
    for (int j = 0; j < 5; ++j) {
      CHECK(client.ask(get("a.localhost")).status() == 200);
      CHECK(client.ask(ask_for("POST", "abc")).status() == 200);
    }
  }
  CHECK(upstream.connections() == 1);
  CHECK(upstream.requests() == 50);
}

TEST_CASE(
    "retry: an idempotent request on a warm connection that ended without a word is asked again",
    "[e2e][pool]") {
  const std::string method = GENERATE("GET", "HEAD", "PUT", "DELETE", "OPTIONS");
  const std::string body = method == "PUT" ? "the whole body" : "";
  Quitter service;
  TestProxy proxy(routes_to(service.upstream()));
  RawClient client(proxy.port());
  CHECK(client.ask(get("a.localhost")).status() == 200);
  CHECK(client.ask(ask_for(method, body)).status() == 200);
  CHECK(service.bodies() ==
        std::vector<std::string>{"GET ", method + " " + body, method + " " + body});
  CHECK(service.upstream().connections() == 2);
}

TEST_CASE("retry: a chunked body that is small enough is sent again as well", "[e2e][pool]") {
  Quitter service;
  TestProxy proxy(routes_to(service.upstream()));
  RawClient client(proxy.port());
  CHECK(client.ask(get("a.localhost")).status() == 200);
  const TextMessage response = client.ask(
      "PUT /x HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
  CHECK(response.status() == 200);
  CHECK(service.bodies() == std::vector<std::string>{"GET ", "PUT abcdef", "PUT abcdef"});
}

TEST_CASE("retry: a POST that reached the service is never asked again", "[e2e][pool]") {
  const std::string method = GENERATE("POST", "PATCH", "UNHEARD");
  Quitter service;
  TestProxy proxy(routes_to(service.upstream()));
  RawClient client(proxy.port());
  CHECK(client.ask(get("a.localhost")).status() == 200);
  CHECK(client.ask(ask_for(method, "money")).status() == 502);
  CHECK(service.bodies() == std::vector<std::string>{"GET ", method + " money"});
}

TEST_CASE("retry: nothing is asked again once a byte of the answer came", "[e2e][pool]") {
  const std::string words = GENERATE(std::string("H"), std::string("HTTP/1.1 200 OK\r\nX:"),
                                     std::string("HTTP/1.1 103 Early Hints\r\n\r\n"));
  Quitter service(words);
  TestProxy proxy(routes_to(service.upstream()));
  RawClient client(proxy.port());
  CHECK(client.ask(get("a.localhost")).status() == 200);
  CHECK(client.ask(get("a.localhost")).status() == 502);
  CHECK(service.bodies().size() == 2);
}

TEST_CASE("retry: a fresh connection that ends without a word is not tried again", "[e2e][pool]") {
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
  });
  TestProxy proxy(routes_to(upstream));
  CHECK(proxy.ask(get("a.localhost")).status() == 502);
  CHECK(upstream.requests() == 1);
}

TEST_CASE("retry: a service that closed its idle connections is simply dialled again",
          "[e2e][pool]") {
  const std::string method = GENERATE("GET", "POST");
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(plain_ok);
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  for (int i = 0; i < 20; ++i) {
    // The end must have left the service; that the proxy has seen it is what must not matter for a
    // GET, and a POST that raced with it may fail but never be doubled.
    const TextMessage response = client.ask(ask_for(method));
    if (method == "GET") CHECK(response.status() == 200);
    upstream.wait_until_idle();
  }
  CHECK(upstream.requests() <= 20);
}

TEST_CASE("retry: an announced Keep-Alive timeout of one second leaves no time to use it again",
          "[e2e][pool]") {
  FakeUpstream upstream(FakeUpstream::always(
      "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=100\r\nContent-Length: 2\r\n\r\nok"));
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  for (int i = 0; i < 3; ++i) CHECK(client.ask(get("a.localhost")).status() == 200);
  CHECK(upstream.connections() == 3);
}

TEST_CASE("retry: a service that says close, or speaks HTTP/1.0, is dialled each time",
          "[e2e][pool]") {
  const std::string reply =
      GENERATE(std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
               std::string("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(reply);
    peer.receive_to_end();
  });
  TestProxy proxy(routes_to(upstream));
  RawClient client(proxy.port());
  for (int i = 0; i < 5; ++i) CHECK(client.ask(get("a.localhost")).body == "ok");
  CHECK(upstream.connections() == 5);
}

TEST_CASE("retry: an idle connection to a service is given up after four seconds", "[e2e][pool]") {
  Gate ended;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) peer.send(plain_ok);
    ended.open();
  });
  TestProxy proxy(routes_to(upstream));
  CHECK(proxy.ask(get("a.localhost")).status() == 200);
  CHECK(ended.wait());
}

}  // namespace devproxy
