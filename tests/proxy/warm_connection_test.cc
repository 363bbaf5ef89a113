// A request over warm connections allocates nothing on the proxy's thread, however many fields it
// has.
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>

#include "config/config.h"
#include "proxy/server.h"
#include "router/route_table.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/raw_client.h"
#include "tests/support/test.h"

namespace {

thread_local bool counting = false;
thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  if (counting) ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace devproxy {

TEST_CASE("warm connection: a request allocates nothing", "[proxy]") {
  FakeUpstream upstream(FakeUpstream::always(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"));
  Config config;
  config.services.push_back({"web", PortTarget{upstream.port()}, {}, {}});
  RouteRule rule;
  rule.service = "web";
  rule.hosts = {"a.localhost"};
  config.routes.push_back(rule);
  config.proxy.listen.push_back({"127.0.0.1", 0, false, {}, {}, {}});

  Loop loop;
  Server server(loop, ServerOptions{"0123abcd", {}, {}});
  REQUIRE(server.apply(config, RouteTable::build(config)));
  const std::uint16_t port = server.listeners().at(0).port;

  std::string request = "GET /path?query HTTP/1.1\r\nHost: a.localhost\r\n";
  for (int i = 0; i < 16; ++i)
    request += "X-Browser-Field-" + std::to_string(i) + ": " + std::string(40, 'v') + "\r\n";
  request += "\r\n";

  std::size_t counted = 0;
  bool done = false;
  std::thread client_thread([&] {
    RawClient client(port);
    for (int i = 0; i < 20; ++i) client.ask(request);
    loop.post([] { counting = true; });
    for (int i = 0; i < 100; ++i) client.ask(request);
    loop.post([&] {
      counting = false;
      counted = allocations;
      server.drain(std::chrono::milliseconds(0), [&] { done = true; });
    });
  });
  while (!done) loop.run_once(true);
  client_thread.join();
  // The two posts themselves make a handful; 100 requests would make hundreds.
  CHECK(counted < 20);
  CHECK(upstream.requests() == 120);
  CHECK(upstream.connections() == 1);
}

}  // namespace devproxy
