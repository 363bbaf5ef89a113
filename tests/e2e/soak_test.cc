// Many reloads under full load: no request and no WebSocket frame is lost. Bounded to about 20
// seconds.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/edge.h"
#include "tests/support/websocket.h"

namespace devproxy {
namespace {

std::string soak_service(const std::string& name, const FakeUpstream& upstream) {
  return "[services." + name + "]\nhost = \"" + name + ".localhost\"\n" + upstream.target() + "\n";
}

FakeUpstream::Script echo_body() {
  return FakeUpstream::answering([](const TextMessage& request) {
    const std::string body = request.target() + request.body;
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  });
}

/// Threads that ask without pause until they are told to stop; the first failure of each is kept.
class Load {
 public:
  ~Load() { stop(); }

  void add(std::function<void(int round)> once) {
    threads_.emplace_back([this, work = std::move(once)] {
      try {
        for (int round = 0; !stop_; ++round) {
          work(round);
          ++done_;
        }
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        failures_ += std::string(error.what()) + "\n";
      }
    });
  }
  void stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  long done() const { return done_; }
  std::string failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  std::vector<std::thread> threads_;
  std::atomic<bool> stop_ = false;
  std::atomic<long> done_ = 0;
  std::mutex mutex_;
  std::string failures_;
};

void ask_and_compare(RawClient& client, const std::string& host, int round) {
  const std::string target = "/" + std::to_string(round);
  const bool post = round % 3 == 0;
  const TextMessage response = client.ask(post ? "POST " + target + " HTTP/1.1\r\nHost: " + host +
                                                     "\r\nContent-Length: 4\r\n\r\nbody"
                                               : get(host, target));
  if (response.status() != 200 || response.body != target + (post ? "body" : "")) {
    give_up("a request was lost: " + response.head() + response.body);
  }
}

}  // namespace

TEST_CASE("soak: fifty reloads under load lose no request and no WebSocket frame", "[e2e][soak]") {
  FakeUpstream stays(echo_body());
  FakeUpstream moves_here(echo_body());
  FakeUpstream moves_there(echo_body());
  FakeUpstream sockets(echo_websocket);
  const std::string base = soak_service("stays", stays) + soak_service("ws", sockets);
  TestProxy proxy(base + soak_service("moves", moves_here));
  const std::uint16_t port = proxy.port();

  Load load;
  std::vector<std::unique_ptr<RawClient>> kept;
  for (int i = 0; i < 4; ++i) {
    kept.push_back(std::make_unique<RawClient>(port));
    load.add([client = kept.back().get()](int round) {
      ask_and_compare(*client, round % 2 == 0 ? "stays.localhost" : "moves.localhost", round);
    });
  }
  load.add([port](int round) {
    RawClient fresh(port);
    ask_and_compare(fresh, "moves.localhost", round);
  });
  for (int i = 0; i < 2; ++i) {
    kept.push_back(std::make_unique<RawClient>(port));
    kept.back()->send(websocket_request("ws.localhost"));
    REQUIRE(kept.back()->receive_head().status() == 101);
    load.add([client = kept.back().get()](int round) {
      const std::string text = "frame " + std::to_string(round);
      client->send(websocket_frame(text, true));
      if (receive_websocket_frame(*client) != text) give_up("a frame was lost: " + text);
    });
  }

  const WaitLimit limit(std::chrono::milliseconds(20'000));
  int reloads = 0;
  for (; reloads < 50 && !limit.is_over(); ++reloads) {
    const FakeUpstream& place = reloads % 2 == 0 ? moves_there : moves_here;
    proxy.reload(base + soak_service("moves", place) +
                 soak_service("n" + std::to_string(reloads), stays));
  }
  load.stop();
  CHECK(load.failures() == "");
  CHECK(reloads == 50);
  CHECK(load.done() > 500);
  CHECK(stays.failure() + moves_here.failure() + moves_there.failure() + sockets.failure() == "");
  kept.clear();
  CHECK(proxy.stop().code == 0);
}

TEST_CASE("soak: ten thousand routes are reloaded while requests run", "[e2e][soak]") {
  FakeUpstream upstream(echo_body());
  const std::string base = soak_service("stays", upstream);
  TestProxy proxy(base);
  std::string many = base;
  for (int i = 0; i < 10'000; ++i) many += soak_service("s" + std::to_string(i), upstream);

  Load load;
  RawClient kept(proxy.port());
  load.add([&kept](int round) { ask_and_compare(kept, "stays.localhost", round); });
  proxy.reload(many);
  CHECK(proxy.ask(get("s0.localhost", "/x")).body == "/x");
  CHECK(proxy.ask(get("s9999.localhost", "/x")).body == "/x");
  CHECK(proxy.ask(get("s10000.localhost", "/x")).status() == 404);
  proxy.reload(many + soak_service("last", upstream));
  CHECK(proxy.ask(get("last.localhost", "/x")).body == "/x");
  proxy.reload(base);
  CHECK(proxy.ask(get("s0.localhost", "/x")).status() == 404);
  load.stop();
  CHECK(load.failures() == "");
}

}  // namespace devproxy
