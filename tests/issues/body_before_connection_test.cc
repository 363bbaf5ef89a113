// A request whose whole body came before there was a connection to its service left its client's
// connection unread: the next request on it was never seen.
#include <string>

#include "tests/support/edge.h"

namespace devproxy {

TEST_CASE("body before connection: the client's next request is read", "[issues]") {
  FakeUpstream upstream(
      FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  const std::string post = "POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 4\r\n\r\nbody";
  for (int i = 0; i < 3; ++i) CHECK(client.ask(post).status() == 200);
  CHECK(upstream.connections() == 3);
}

}  // namespace devproxy
