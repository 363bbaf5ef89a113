// Requests that were held for a service which then listened again, but could not be spoken to, were
// held on until the hold had run out, and then told "connection refused".
#include <optional>
#include <string>

#include "base/loop.h"
#include "proxy/context.h"
#include "proxy/upstream.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

struct Held final : AttemptWaiter {
  void on_attempt(Attempt& attempt) override { attempt.cancel(); }
  void on_no_attempt(const Error& error) override { why = error; }
  std::optional<Error> why;
};

template <class Condition>
void run_until(Loop& loop, const std::string& what, Condition&& condition) {
  const WaitLimit limit;
  Timer wake(loop.agenda());
  while (!condition()) {
    if (limit.is_over()) give_up("waited in vain until " + what);
    wake.start(20, [] {});
    loop.run_once(true);
  }
}

}  // namespace

TEST_CASE("held then broken: who is held learns at once why the service cannot be spoken to",
          "[issues]") {
  FakeUpstream service([](Peer& peer) { peer.send("no TLS here\r\n"); }, FakeUpstream::Place::v4,
                       false);
  Loop loop;
  Context context(loop, ServerOptions{"0123abcd", {}, {}});
  Endpoint endpoint;
  endpoint.kind = Endpoint::Kind::name;
  endpoint.host = "localhost";
  endpoint.port = service.port();
  endpoint.scheme = UrlScheme::https;
  endpoint.insecure = true;
  Upstream upstream(context, endpoint);
  upstream.note_answer();
  constexpr std::uint64_t hour = 3'600'000;
  Held waiters[2];
  for (Held& waiter : waiters) CHECK(upstream.acquire(waiter, Wish{false, false, hour}) == nullptr);
  run_until(loop, "both are held", [&] { return upstream.gone_for().count() > 0; });
  CHECK_FALSE(waiters[0].why);

  service.listen_again();
  run_until(loop, "both have been told", [&] { return waiters[0].why && waiters[1].why; });
  for (const Held& waiter : waiters) {
    CHECK(waiter.why->code != Code::refused);
    CHECK_THAT(waiter.why->detail, ContainsSubstring("TLS"));
  }
}

}  // namespace devproxy
