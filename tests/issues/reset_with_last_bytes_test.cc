// libuv tells an end where a reset comes together with the last bytes: a response that lasts until
// the close of its connection looked complete when its service broke.
#include "tests/support/edge.h"

namespace devproxy {

TEST_CASE("reset with the last bytes: a response that breaks off never looks complete",
          "[issues]") {
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\n\r\nhalf of it");
    peer.reset();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  for (int i = 0; i < 30; ++i) {
    RawClient client(proxy.port());
    client.send("GET / HTTP/1.1\r\nHost: a.localhost\r\nConnection: close\r\n\r\n");
    const std::string answer = client.receive_to_end();
    CAPTURE(answer);
    // A page of ours when nothing had gone out, else a body without its last chunk, or a reset.
    const bool is_page = answer.find(" 502 ") != std::string::npos;
    const bool looks_complete =
        answer.ends_with("\r\n0\r\n\r\n") ||
        (answer.find("chunked") == std::string::npos && client.end() == Wire::End::fin);
    CHECK((is_page || !looks_complete));
  }
}

}  // namespace devproxy
