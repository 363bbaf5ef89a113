// Other users of the machine see neither the list of routes nor anything else (product section 1,
// promise 6).
#include <unistd.h>

#include <memory>

#include "tests/support/edge.h"

namespace devproxy {

TEST_CASE("other users: they get a bare 404 where this user gets the list", "[e2e][message]") {
  TestProxy proxy("[services.shop]\nhost = \"shop.localhost\"\nredirect = \"https://x.example\"\n");
  CHECK_THAT(proxy.ask(get("localhost")).body, ContainsSubstring("shop.localhost"));
  // Only root can become somebody else; elsewhere this user's half above is all that can be seen.
  if (geteuid() != 0) return;
  constexpr uid_t nobody = 65534;
  REQUIRE(seteuid(nobody) == 0);
  std::unique_ptr<RawClient> stranger;
  try {
    stranger = std::make_unique<RawClient>(proxy.port());
  } catch (const TestFailure&) {
  }
  REQUIRE(seteuid(0) == 0);
  REQUIRE(stranger != nullptr);
  for (const char* host : {"localhost", "nobody.localhost", "127.0.0.1"}) {
    const TextMessage bare = stranger->ask("GET / HTTP/1.1\r\nHost: " + std::string(host) +
                                           "\r\nAccept: text/html\r\n\r\n");
    CHECK(bare.status() == 404);
    CHECK_THAT(bare.head() + bare.body, !ContainsSubstring("shop"));
  }
}

}  // namespace devproxy
