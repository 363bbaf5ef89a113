// A newer program takes the place of an older shared proxy: it is handed the listening sockets, the
// projects attach to it, and no client notices.
#include <atomic>
#include <thread>

#include "tests/services/projects.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// Asks again and again, each time over a connection of its own, until it is destroyed.
class Visitor {
 public:
  explicit Visitor(const Project& project)
      : thread_([this, &project] {
          while (!ends_) {
            const int status = project.status();
            if (status == 308) {
              ++answered_;
            } else {
              last_failure_ = status;
              ++failed_;
            }
          }
        }) {}
  ~Visitor() { end(); }
  void end() {
    ends_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int answered() const { return answered_; }
  int failed() const { return failed_; }
  int last_failure() const { return last_failure_; }

 private:
  std::atomic<bool> ends_ = false;
  std::atomic<int> answered_ = 0;
  std::atomic<int> failed_ = 0;
  std::atomic<int> last_failure_ = 0;
  std::thread thread_;
};

bool is_refused(const ReservedPort& port) {
  try {
    const RawClient client(port.number());
    return false;
  } catch (const std::exception&) {
    return true;
  }
}

pid_t wait_for_successor(const User& user, pid_t before) {
  pid_t now = 0;
  wait_until([&] {
    now = user.shared();
    return now != 0 && now != before;
  });
  return now;
}

TEST_CASE("hand-over: a newer program takes over, and no client is refused", "[services]") {
  Gate gate;
  FakeUpstream slow([&gate](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
      peer.wait_for(gate);
      peer.send("full");
    }
  });
  const User user;
  const ReservedPort port;
  const ReservedPort database;
  Project shop(user, "shop", port.number(),
               "[services.slow]\n" + slow.target() + "\n[services.db]\n" + slow.target() +
                   "\nlisten = " + std::to_string(database.number()) + "\n");
  Project blog(user, "blog", port.number());
  Project wiki(user, "wiki", port.number());
  shop.up();
  wiki.up();
  shop.wait_until_up();
  wiki.wait_until_up();
  const pid_t older = user.shared();
  RawClient reader(port.number());
  reader.send("GET / HTTP/1.1\r\nHost: slow.shop.localhost\r\n\r\n");
  CHECK(reader.receive_head().status() == 200);
  CHECK(reader.receive_exactly(4) == "half");
  Visitor of_shop(shop);
  Visitor of_wiki(wiki);
  wait_until([&] { return of_shop.answered() > 20 && of_wiki.answered() > 20; });
  blog.up({"up", "--json"}, DEVPROXY_NEXT_BINARY);
  blog.wait_until_up();
  const pid_t newer = wait_for_successor(user, older);
  CHECK(user.shared_status()["version"] == "9.0.0");
  wait_until([&] { return blog.status() == 308; });
  const int until_now = of_shop.answered();
  wait_until([&] { return of_shop.answered() > until_now + 20; });
  wait_until([&] { return user.shared_status()["attached"].size() == 3; });
  of_shop.end();
  of_wiki.end();
  INFO("last failure " << of_shop.last_failure() << ", " << of_wiki.last_failure());
  INFO(user.log());
  CHECK(of_shop.failed() == 0);
  CHECK(of_wiki.failed() == 0);

  INFO("what the older one began is finished by it");
  CHECK(is_alive(older));
  gate.open();
  CHECK(reader.receive_exactly(4) == "full");
  wait_until([&] { return !is_alive(older); });
  CHECK(user.shared() == newer);
  CHECK(RawClient(database.number()).ask("GET / HTTP/1.1\r\nHost: db\r\n\r\n").body == "halffull");
}

TEST_CASE("hand-over: nobody listens where nobody wants to any more", "[services]") {
  const User user;
  const ReservedPort first;
  const ReservedPort second;
  Project shop(user, "shop", first.number());
  Project blog(user, "blog", second.number());
  shop.up();
  shop.wait_until_up();
  const pid_t older = user.shared();
  blog.up({"up", "--json"}, DEVPROXY_NEXT_BINARY);
  blog.wait_until_up();
  wait_for_successor(user, older);
  wait_until([&] { return shop.status() == 308 && blog.status() == 308; });
  shop.stop();
  wait_until([&] { return is_refused(first); });
  CHECK(blog.status() == 308);
}

TEST_CASE("hand-over: an older program is carried by a newer proxy", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  Project blog(user, "blog", port.number());
  shop.up({"up", "--json"}, DEVPROXY_NEXT_BINARY);
  shop.wait_until_up();
  const pid_t newer = user.shared();
  blog.up();
  blog.wait_until_up();
  CHECK(user.shared() == newer);
  CHECK(user.shared_status()["attached"].size() == 2);
  CHECK(blog.status() == 308);
}

TEST_CASE("hand-over: the newest program wins a restart", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  Project blog(user, "blog", port.number());
  shop.up();
  shop.wait_until_up();
  blog.up({"up", "--json"}, DEVPROXY_NEXT_BINARY);
  blog.wait_until_up();
  wait_until([&] { return user.shared_status()["version"] == "9.0.0"; });
  ::kill(user.shared(), SIGKILL);  // both start another one
  wait_until([&] {
    const Json shared = user.shared_status();
    return !shared.is_null() && shared["version"] == "9.0.0" && shared["attached"].size() == 2;
  });
  CHECK(shop.status() == 308);
  CHECK(blog.status() == 308);
}

TEST_CASE("hand-over: a project's own devproxy has no place to give", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  shop.up({"serve", "--json"});
  shop.wait_until_up();
  const auto path =
      user.home().path() + "/devproxy/control-" + std::to_string(shop.process().pid()) + ".sock";
  const Finished asked =
      devproxy::run({{"/usr/bin/env", "python3", "-c",
                      "import socket, sys\n"
                      "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
                      "s.sendall(b'{\"devproxy\":1,\"call\":\"hand_over\",\"arguments\":{}}\\n')\n"
                      "print(s.makefile().readline())",
                      path},
                     "",
                     {},
                     {}});
  CHECK_THAT(asked.output, ContainsSubstring("proxy.not_running"));
  CHECK(shop.status() == 308);
}

}  // namespace
}  // namespace devproxy
