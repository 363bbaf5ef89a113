// Stable TCP ports while things change: the service restarts, the file is edited, the proxy ends.
#include <signal.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/support/byte_pattern.h"
#include "tests/support/edge.h"
#include "tests/support/tcp_service.h"

namespace devproxy {
namespace {

void check_echo(Wire& client, const std::string& text = "hello") {
  client.send(text);
  CHECK(client.receive_exactly(text.size()) == text);
}

/// A service that accepted once and is gone now.
class GoneTcp {
 public:
  explicit GoneTcp(const std::string& more = "") : service_(echo), proxy_(routes(more)) {
    RawClient client(port_.number());
    check_echo(client);
    service_.stop_listening();
    service_.drop_connections();
    service_.wait_until_idle();
  }
  std::string routes(const std::string& more = "") const {
    return listening_on(port_, service_, more);
  }
  std::uint16_t port() const { return port_.number(); }
  FakeUpstream& service() { return service_; }
  TestProxy& proxy() { return proxy_; }

 private:
  FakeUpstream service_;
  ReservedPair port_;
  TestProxy proxy_;
};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

/// The reset may be there before connect() has returned.
bool is_reset_at_once(std::uint16_t port) {
  try {
    return RawClient(port).await_end() == Wire::End::reset;
  } catch (const std::exception& why) {
    return std::string_view(why.what()).find("reset by peer") != std::string_view::npos;
  }
}

}  // namespace

TEST_CASE("tcp: connections are held and released when the service is back", "[e2e][tcp]") {
  GoneTcp gone;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(gone.port()));
    clients.back()->send(std::to_string(i) + "\n");
  }
  RawClient silent(gone.port());
  RawClient ended(gone.port());
  ended.send("all");
  ended.half_close();
  CHECK_FALSE(silent.has_input_within(some_refusals));
  gone.service().listen_again();
  for (int i = 0; i < 20; ++i) {
    CHECK(clients[static_cast<std::size_t>(i)]->receive_until("\n") == std::to_string(i) + "\n");
  }
  check_echo(silent);
  CHECK(ended.receive_to_end() == "all");
  CHECK(gone.service().connections() == 23);
}

TEST_CASE("tcp: what a held client sends is kept within bounds and arrives whole", "[e2e][tcp]") {
  GoneTcp gone;
  constexpr std::size_t size = 32 << 20;
  bool right = false;
  gone.service().set_script([&right](Peer& peer) {
    right = receive_pattern(peer, size);
    peer.receive_to_end();
  });
  const std::size_t before = gone.proxy().process().resident_bytes();
  RawClient client(gone.port());
  const std::size_t sent = send_pattern_until_stalled(client, 0, size, some_refusals);
  CHECK(sent < size);
  CHECK(gone.proxy().process().resident_bytes() < before + (24 << 20));
  gone.service().listen_again();
  send_pattern(client, sent, size);
  client.half_close();
  CHECK(client.await_end() == Wire::End::fin);
  CHECK(right);
}

TEST_CASE("tcp: when the hold runs out clients are reset, and the log says why once",
          "[e2e][tcp]") {
  GoneTcp gone("hold = \"300ms\"\n");
  RawClient first(gone.port());
  RawClient second(gone.port());
  const auto began = std::chrono::steady_clock::now();
  CHECK(first.await_end() == Wire::End::reset);
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(250));
  CHECK(second.await_end() == Wire::End::reset);
  // Who comes later is not made to wait again.
  const auto again = std::chrono::steady_clock::now();
  CHECK(is_reset_at_once(gone.port()));
  CHECK(std::chrono::steady_clock::now() - again < std::chrono::milliseconds(250));
  const std::string line = gone.proxy().process().wait_for_error_line(
      [](const std::string& text) { return text.find("turned away") != std::string::npos; });
  CHECK_THAT(line, ContainsSubstring("TCP port " + std::to_string(gone.port())));
  CHECK_THAT(line, ContainsSubstring("the service db"));
  CHECK_THAT(line, ContainsSubstring("127.0.0.1:" + std::to_string(gone.service().port())));
  CHECK(count(gone.proxy().process().errors(), "turned away") == 1);
  gone.service().listen_again();
  RawClient back(gone.port());
  check_echo(back);
}

TEST_CASE("tcp: a service that never accepted is not waited for", "[e2e][tcp]") {
  FakeUpstream service(echo, FakeUpstream::Place::v4, false);
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service));
  const auto began = std::chrono::steady_clock::now();
  CHECK(is_reset_at_once(port.number()));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(2000));
  service.listen_again();
  RawClient later(port.number());
  check_echo(later);
}

TEST_CASE("tcp: a client that leaves while it is held does not reach the service", "[e2e][tcp]") {
  GoneTcp gone;
  RawClient leaves(gone.port());
  leaves.send("gone");
  RawClient stays(gone.port());
  CHECK_FALSE(stays.has_input_within(some_refusals));
  leaves.reset();
  // An answer to somebody else proves that the proxy has been around its loop since.
  CHECK(gone.proxy().ask(get("localhost")).status() == 404);
  gone.service().listen_again();
  check_echo(stays);
  CHECK(gone.service().connections() == 2);
}

TEST_CASE("tcp: a held client follows its service to another port", "[e2e][tcp]") {
  GoneTcp gone;
  RawClient client(gone.port());
  CHECK_FALSE(client.has_input_within(some_refusals));
  FakeUpstream elsewhere(echo);
  gone.proxy().reload("[services.db]\n" + elsewhere.target() +
                      "\nlisten = " + std::to_string(gone.port()) + "\n");
  check_echo(client);
  CHECK(elsewhere.connections() == 1);
}

TEST_CASE("tcp: a reload to another service or port leaves running connections alone",
          "[e2e][tcp]") {
  FakeUpstream before(echo);
  FakeUpstream after(echo);
  const ReservedPair port;
  const ReservedPair other;
  TestProxy proxy(listening_on(port, before));
  RawClient running(port.number());
  check_echo(running);
  const std::size_t mark = proxy.mark();
  proxy.reload(listening_on(port, after));
  CHECK_THAT(proxy.wait_for_reload(mark),
             ContainsSubstring("~ tcp 127.0.0.1:" + std::to_string(port.number())));
  check_echo(running);
  RawClient fresh(port.number());
  check_echo(fresh);
  CHECK(before.connections() == 1);
  CHECK(after.connections() == 1);
  proxy.reload(listening_on(other, after));
  CHECK_FALSE(is_listening(Family::v4, port.number()));
  CHECK_FALSE(is_listening(Family::v6, port.number()));
  check_echo(running);
  check_echo(fresh);
  RawClient moved(other.number());
  check_echo(moved);
  proxy.reload("[services.other]\nredirect = \"https://x.example\"\n");
  CHECK_FALSE(is_listening(Family::v4, other.number()));
  check_echo(moved);
}

TEST_CASE("tcp: a reload that asks for a taken port changes nothing", "[e2e][tcp]") {
  FakeUpstream service(echo);
  const ReservedPair port;
  const ReservedPair taken;
  const Descriptor foreign = listen_on(Family::v6, taken.number());
  TestProxy proxy(listening_on(port, service));
  const std::size_t mark = proxy.mark();
  proxy.write_config(proxy.config_text(listening_on(taken, service)));
  const std::string refused = proxy.wait_for_refused_reload(mark);
  CHECK_THAT(refused, ContainsSubstring("[::1]:" + std::to_string(taken.number()) +
                                        " (listen of db) is taken by "));
  CHECK_FALSE(is_listening(Family::v4, taken.number()));
  RawClient client(port.number());
  check_echo(client);
}

TEST_CASE("tcp: a quiet connection does not keep the program alive", "[e2e][tcp]") {
  FakeUpstream service(echo);
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service));
  RawClient client(port.number());
  check_echo(client);
  const auto began = std::chrono::steady_clock::now();
  CHECK(proxy.stop().code == 0);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(8));
  CHECK(client.await_end() == Wire::End::reset);
}

TEST_CASE("tcp: a transfer that moves is finished before the end", "[e2e][tcp]") {
  constexpr std::size_t size = 16 << 20;
  Gate asked;
  FakeUpstream service([&](Peer& peer) {
    send_pattern(peer, 0, size / 2);
    peer.wait_for(asked);
    send_pattern(peer, size / 2, size);
  });
  const ReservedPair port;
  TestProxy proxy(listening_on(port, service));
  RawClient client(port.number());
  RawClient idle(proxy.port());
  CHECK(idle.ask(get("localhost")).status() == 404);
  proxy.process().signal(SIGTERM);
  // The proxy has begun to end.
  CHECK(idle.await_end() == Wire::End::fin);
  CHECK_FALSE(is_listening(Family::v4, port.number()));
  asked.open();
  CHECK(receive_pattern(client, size));
  CHECK(client.await_end() == Wire::End::fin);
  CHECK(proxy.process().wait().code == 0);
}

TEST_CASE("tcp: a held connection does not keep the program alive", "[e2e][tcp]") {
  GoneTcp gone("hold = \"10m\"\n");
  RawClient client(gone.port());
  CHECK_FALSE(client.has_input_within(some_refusals));
  CHECK(gone.proxy().stop().code == 0);
  CHECK(client.await_end() == Wire::End::reset);
}

}  // namespace devproxy
