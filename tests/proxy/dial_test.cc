#include "proxy/net/dial.h"

#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

// Linux goes through the ephemeral ports one by one, so one of so many connections is usually to
// itself where nobody looks.
TEST_CASE("dial: a port where nobody listens refuses, however often it is tried", "[proxy]") {
  Loop loop;
  Buffers buffers;
  Descriptors descriptors;
  // Not reserved, or the system would not give it to us; even, as it prefers for connections.
  const auto port = static_cast<std::uint16_t>(ReservedPort().number() & ~1U);
  DialTarget target;
  target.addresses = {loopback_address(AF_INET, port)};
  std::size_t refused = 0;
  constexpr std::size_t tries = 40'000;
  for (std::size_t i = 0; i < tries; ++i) {
    Dial dial(loop, buffers, descriptors);
    bool is_done = false;
    dial.start(target, 2'000,
               [&](Result<std::unique_ptr<SocketStream>> stream, const sockaddr_storage&) {
                 is_done = true;
                 if (!stream && stream.error().code == Code::refused) ++refused;
               });
    while (!is_done) loop.run_once(true);
  }
  CHECK(refused == tries);
}

}  // namespace
}  // namespace devproxy
