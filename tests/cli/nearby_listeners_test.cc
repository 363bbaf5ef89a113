#include "cli/attach/nearby_listeners.h"

#include <unistd.h>

#include "tests/cli/held_sockets.h"
#include "tests/support/test.h"

namespace devproxy {

TEST_CASE("nearby listeners: own processes in the project's folder, on ports of nobody",
          "[cli][nearby]") {
  const uid_t own = geteuid();
  const NearbyScene scene{"/home/shop", {5173}};
  const std::vector<HeldSocket> sockets{
      listener_of("127.0.0.1", 5174, 11, "node", "/home/shop/web", own),
      listener_of("::1", 5174, 11, "node", "/home/shop/web", own),
      listener_of("0.0.0.0", 8000, 12, "python3", "/home/shop", own),
      listener_of("127.0.0.1", 5173, 13, "node", "/home/shop", own),
      listener_of("127.0.0.1", 9000, 14, "node", "/home/shop-old", own),
      listener_of("192.0.2.7", 9001, 15, "node", "/home/shop", own),
      listener_of("127.0.0.1", 9002, 16, "devproxy", "/home/shop", own),
      listener_at("127.0.0.1", 9003, own)};
  CHECK(nearby_words(sockets, scene) ==
        std::vector<std::string>{"node serve (pid 11) on port 5174, in web",
                                 "python3 serve (pid 12) on port 8000"});
}

TEST_CASE("nearby listeners: looked up off the loop, then kept for a moment", "[cli][nearby]") {
  Loop loop;
  NearbyListeners nearby(loop);
  Config config;
  config.root = "/nowhere/at/all";
  nearby.apply(config);
  CHECK_FALSE(nearby.ask());
  CHECK_FALSE(nearby.ask());
  std::optional<std::vector<std::string>> found;
  while (!found) {
    loop.run_once(true);
    found = nearby.ask();
  }
  CHECK(found->empty());
}

}  // namespace devproxy
