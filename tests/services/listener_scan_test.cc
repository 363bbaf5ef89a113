#include "services/listener_scan.h"

#include <unistd.h>

#include <algorithm>

#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// What the scan says about a port of this test.
const ScannedListener* find(const ListenerScan& scan, std::uint16_t port) {
  const auto& all = scan.listeners();
  const auto found = std::find_if(all.begin(), all.end(), [port](const ScannedListener& each) {
    return each.socket.local.port == port;
  });
  return found == all.end() ? nullptr : &*found;
}

void run_until(Loop& loop, const std::function<bool()>& done) {
  const WaitLimit limit;
  while (!done()) {
    if (limit.is_over()) give_up("the scan never found what was waited for");
    loop.run_once(true);
  }
}

TEST_CASE("listener scan: who begins to listen is described, who ends is forgotten", "[services]") {
  Loop loop;
  ListenerScan scan(loop);
  int looks = 0;
  const auto interest = scan.watch([&looks](bool changed) {
    if (looks++ == 0) CHECK(changed);
  });
  run_until(loop, [&looks] { return looks > 0; });
  const ReservedPort port(Family::v6);
  {
    const Descriptor listening = listen_on(Family::v6, port.number());
    run_until(loop, [&] { return find(scan, port.number()) != nullptr; });
    const ScannedListener& found = *find(scan, port.number());
    REQUIRE_FALSE(found.chain.empty());
    CHECK(found.chain.front().pid == ::getpid());
    CHECK(found.chain.front().name == "test_services");
    CHECK_FALSE(is_ipv4(found.socket.local.address));
    CHECK(found.mark.empty());
  }
  run_until(loop, [&] { return find(scan, port.number()) == nullptr; });
}

TEST_CASE("listener scan: nothing is looked at while nobody is interested", "[services]") {
  Loop loop;
  ListenerScan scan(loop);
  CHECK(loop.agenda().next_deadline() == Agenda::never);
  int looks = 0;
  auto interest = scan.watch([&looks](bool) { ++looks; });
  auto other = scan.watch([&interest](bool) { interest.reset(); });
  run_until(loop, [&looks] { return looks > 0; });
  run_until(loop, [&interest] { return interest == nullptr; });
  CHECK(scan.is_looking());
  const int before = looks;
  other.reset();
  CHECK_FALSE(scan.is_looking());
  CHECK(loop.agenda().next_deadline() == Agenda::never);
  scan.hurry();
  CHECK(loop.agenda().next_deadline() == Agenda::never);
  CHECK(looks == before);
}

}  // namespace
}  // namespace devproxy
