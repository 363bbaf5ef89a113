#include "base/deadlines.h"

#include <memory>
#include <vector>

#include "tests/support/test.h"

namespace devproxy {
namespace {

class Thing final : public Deadline {
 public:
  explicit Thing(Agenda& agenda) : agenda_(agenda) {}
  std::vector<std::uint64_t> fired;

 private:
  void on_deadline() override { fired.push_back(agenda_.now()); }
  Agenda& agenda_;
};

/// From tick to tick, as the loop does it.
void run_until(Agenda& agenda, std::uint64_t end) {
  while (agenda.next_deadline() <= end) agenda.advance_to(agenda.next_deadline());
  agenda.advance_to(end);
}

}  // namespace

TEST_CASE("deadlines: each comes once, never early and at most two seconds late", "[base]") {
  for (const std::uint64_t start :
       {std::uint64_t{0}, std::uint64_t{999}, std::uint64_t{123'456'789}}) {
    for (const unsigned limit : {1'000U, 4'000U, 15'000U, 75'000U, 500'000U}) {
      Agenda agenda;
      agenda.set_now(start);
      Deadlines deadlines(agenda);
      Thing thing(agenda);
      thing.set(deadlines, limit);
      run_until(agenda, start + 600'000);
      REQUIRE(thing.fired.size() == 1);
      CHECK(thing.fired[0] >= start + limit);
      CHECK(thing.fired[0] <= start + limit + 2'000);
    }
  }
}

TEST_CASE("deadlines: one that moves away is not called at its old time", "[base]") {
  Agenda agenda;
  Deadlines deadlines(agenda);
  Thing thing(agenda);
  thing.set(deadlines, 5'000);
  for (int i = 0; i < 100; ++i) {
    run_until(agenda, agenda.now() + 1'000);
    thing.set(deadlines, 5'000);
  }
  CHECK(thing.fired.empty());
  run_until(agenda, agenda.now() + 8'000);
  CHECK(thing.fired.size() == 1);
}

TEST_CASE("deadlines: one that moves nearer is called at its new time", "[base]") {
  Agenda agenda;
  Deadlines deadlines(agenda);
  Thing thing(agenda);
  thing.set(deadlines, 75'000);
  run_until(agenda, 500);
  thing.set(deadlines, 1'000);
  run_until(agenda, 4'000);
  CHECK(thing.fired.size() == 1);
}

TEST_CASE("deadlines: what is cleared or destroyed is never called, and nothing ticks then",
          "[base]") {
  Agenda agenda;
  Deadlines deadlines(agenda);
  Thing cleared(agenda);
  auto destroyed = std::make_unique<Thing>(agenda);
  cleared.set(deadlines, 1'000);
  destroyed->set(deadlines, 1'000);
  cleared.clear();
  destroyed.reset();
  run_until(agenda, 10'000);
  CHECK(cleared.fired.empty());
  CHECK(agenda.next_deadline() == Agenda::never);
}

}  // namespace devproxy
