#include "base/agenda.h"

#include <functional>
#include <string>

#include "tests/support/test.h"

namespace devproxy {
namespace {

using Words = std::vector<std::string>;

class Output final : public Flushable {
 public:
  explicit Output(std::function<void()> on_flush) : on_flush_(std::move(on_flush)) {}
  void flush() override { on_flush_(); }

 private:
  std::function<void()> on_flush_;
};

/// Says when it dies.
class Mortal final {
 public:
  explicit Mortal(std::function<void()> on_death) : on_death_(std::move(on_death)) {}
  ~Mortal() { on_death_(); }
  Mortal(const Mortal&) = delete;
  Mortal& operator=(const Mortal&) = delete;

 private:
  std::function<void()> on_death_;
};

TEST_CASE("agenda: timers run in the order of their deadlines, then of their starts", "[base]") {
  Agenda agenda;
  Words order;
  Timer a(agenda);
  Timer b(agenda);
  Timer c(agenda);
  a.start(20, [&] { order.emplace_back("a"); });
  b.start(10, [&] { order.emplace_back("b"); });
  c.start(20, [&] { order.emplace_back("c"); });
  agenda.advance(9);
  CHECK(order.empty());
  agenda.advance(1);
  CHECK(order == Words{"b"});
  agenda.advance(100);
  CHECK(order == Words{"b", "a", "c"});
  CHECK(agenda.next_deadline() == Agenda::never);
}

TEST_CASE("agenda: advance() goes from deadline to deadline", "[base]") {
  Agenda agenda;
  std::vector<std::uint64_t> times;
  Timer tick(agenda);
  std::function<void()> again = [&] {
    times.push_back(agenda.now());
    tick.start(10, [&] { again(); });
  };
  tick.start(10, [&] { again(); });
  agenda.advance(35);
  CHECK(times == std::vector<std::uint64_t>{10, 20, 30});
  CHECK(agenda.now() == 35);
}

TEST_CASE("agenda: a clock that jumped runs what is late once, at the new time", "[base]") {
  Agenda agenda;
  std::vector<std::uint64_t> times;
  Timer timer(agenda);
  timer.start(10, [&] { times.push_back(agenda.now()); });
  agenda.advance_to(5000);
  CHECK(times == std::vector<std::uint64_t>{5000});
}

TEST_CASE("agenda: a timer may start itself again, cancel another, and die, in its task",
          "[base]") {
  Agenda agenda;
  Words seen;
  Timer other(agenda);
  auto mortal = std::make_unique<Timer>(agenda);
  Timer again(agenda);
  mortal->start(1, [&] {
    mortal.reset();
    other.cancel();
    seen.emplace_back("died");
  });
  other.start(1, [&] { seen.emplace_back("cancelled timers must not run"); });
  again.start(1, [&] { again.start(1, [&] { seen.emplace_back("again"); }); });
  agenda.advance(1);
  CHECK(seen == Words{"died"});
  CHECK(again.pending());
  agenda.advance(1);
  CHECK(seen == Words{"died", "again"});
  CHECK_FALSE(again.pending());
}

TEST_CASE("agenda: a timer that starts itself with 0 ms leaves room for others", "[base]") {
  Agenda agenda;
  int runs = 0;
  Timer eager(agenda);
  std::function<void()> again = [&] {
    ++runs;
    eager.start(0, [&] { again(); });
  };
  eager.start(0, [&] { again(); });
  agenda.advance_to(agenda.now());
  CHECK(runs == 1);
  agenda.advance_to(agenda.now() + 1);
  CHECK(runs == 2);
}

TEST_CASE("agenda: starting a timer again forgets its first deadline", "[base]") {
  Agenda agenda;
  Words seen;
  Timer timer(agenda);
  timer.start(5, [&] { seen.emplace_back("first"); });
  timer.start(10, [&] { seen.emplace_back("second"); });
  agenda.advance(9);
  CHECK(seen.empty());
  agenda.advance(1);
  CHECK(seen == Words{"second"});
}

TEST_CASE("agenda: destroying a timer cancels it and frees what its task keeps", "[base]") {
  Agenda agenda;
  auto kept = std::make_shared<int>(0);
  {
    Timer timer(agenda);
    timer.start(1, [kept] { ++*kept; });
    CHECK(kept.use_count() == 2);
  }
  CHECK(kept.use_count() == 1);
  agenda.advance(10);
  CHECK(*kept == 0);
}

TEST_CASE("agenda: tells when a deadline became the earliest and when none is left", "[base]") {
  Agenda agenda;
  std::vector<std::uint64_t> told;
  agenda.on_deadline_changed = [&] { told.push_back(agenda.next_deadline()); };
  Timer a(agenda);
  Timer b(agenda);
  a.start(20, [] {});
  b.start(30, [] {});
  b.start(10, [] {});
  b.cancel();
  a.cancel();
  CHECK(told == std::vector<std::uint64_t>{20, 10, Agenda::never});
}

TEST_CASE("agenda: output is flushed once, when the outermost turn ends", "[base]") {
  Agenda agenda;
  Words events;
  Output output([&] { events.emplace_back("flush"); });
  {
    const Turn outer(agenda);
    agenda.flush_later(output);
    {
      const Turn inner(agenda);
      events.emplace_back("inner");
    }
    events.emplace_back("outer");
  }
  CHECK(events == Words{"inner", "outer", "flush"});
  { const Turn turn(agenda); }
  CHECK(events.size() == 3);
}

TEST_CASE("agenda: what is given to flush outside a turn waits for the next", "[base]") {
  Agenda agenda;
  int flushes = 0;
  Output output([&] { ++flushes; });
  agenda.flush_later(output);
  CHECK(flushes == 0);
  { const Turn turn(agenda); }
  CHECK(flushes == 1);
}

TEST_CASE("agenda: flushing may make more to flush and to bury", "[base]") {
  Agenda agenda;
  Words events;
  Output second([&] { events.emplace_back("second"); });
  Output first([&] {
    events.emplace_back("first");
    agenda.flush_later(second);
    agenda.bury(std::make_unique<Mortal>([&] { events.emplace_back("grave"); }));
    // libuv may call back while we write: a turn inside the end of a turn.
    const Turn nested(agenda);
    events.emplace_back("nested");
  });
  {
    const Turn turn(agenda);
    agenda.flush_later(first);
  }
  CHECK(events == Words{"first", "nested", "second", "grave"});
}

TEST_CASE("agenda: many outputs that each dirty another are all flushed", "[base]") {
  Agenda agenda;
  std::vector<std::unique_ptr<Output>> outputs;
  int flushes = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    outputs.push_back(std::make_unique<Output>([&, i] {
      ++flushes;
      if (i + 1 < outputs.size()) agenda.flush_later(*outputs[i + 1]);
    }));
  }
  {
    const Turn turn(agenda);
    agenda.flush_later(*outputs[0]);
  }
  CHECK(flushes == 200);
}

TEST_CASE("agenda: forgotten outputs are not flushed, also while others are", "[base]") {
  Agenda agenda;
  Words events;
  Output second([&] { events.emplace_back("second"); });
  Output first([&] {
    events.emplace_back("first");
    agenda.forget(second);
  });
  {
    const Turn turn(agenda);
    agenda.flush_later(first);
    agenda.flush_later(second);
    agenda.flush_later(second);
  }
  CHECK(events == Words{"first"});
}

TEST_CASE("agenda: what is collected is flushed once before the wait, in a turn", "[base]") {
  Agenda agenda;
  Words order;
  Output behind([&] { order.emplace_back("turn's end"); });
  Output second([&] { order.emplace_back("second"); });
  Output forgotten([&] { order.emplace_back("never"); });
  Output first([&] {
    order.emplace_back("first");
    agenda.flush_later(behind);
    agenda.flush_before_wait(second);
  });
  {
    const Turn turn(agenda);
    agenda.flush_before_wait(first);
    agenda.flush_before_wait(forgotten);
    agenda.forget(forgotten);
  }
  { const Turn another(agenda); }
  CHECK(order.empty());
  agenda.before_wait();
  CHECK(order == Words{"first", "second", "turn's end"});
  agenda.before_wait();
  CHECK(order.size() == 3);
}

TEST_CASE("agenda: what is buried lives to the end of the turn, not longer", "[base]") {
  Agenda agenda;
  Words events;
  Output output([&] { events.emplace_back("flush"); });
  {
    const Turn turn(agenda);
    agenda.bury(std::make_unique<Mortal>([&] {
      events.emplace_back("first grave");
      agenda.bury(std::make_unique<Mortal>([&] { events.emplace_back("second grave"); }));
      agenda.flush_later(output);
    }));
    agenda.bury(std::unique_ptr<Mortal>());
    events.emplace_back("turn");
  }
  CHECK(events == Words{"turn", "first grave", "flush", "second grave"});
}

TEST_CASE("agenda: each timer's task is a turn of its own", "[base]") {
  Agenda agenda;
  Words events;
  Output output([&] { events.emplace_back("flush"); });
  Timer a(agenda);
  Timer b(agenda);
  a.start(1, [&] {
    events.emplace_back("a");
    agenda.flush_later(output);
  });
  b.start(1, [&] { events.emplace_back("b"); });
  agenda.advance(1);
  CHECK(events == Words{"a", "flush", "b"});
}

TEST_CASE("agenda: its end flushes and buries what is left, once", "[base]") {
  Words events;
  auto agenda = std::make_unique<Agenda>();
  Agenda* const ending = agenda.get();
  Output second([&] { events.emplace_back("second"); });
  Output first([&] {
    events.emplace_back("first");
    const Turn nested(*ending);
  });
  agenda->flush_later(first);
  agenda->flush_later(second);
  agenda->bury(std::make_unique<Mortal>([&] { events.emplace_back("grave"); }));
  agenda.reset();
  CHECK(events == Words{"first", "second", "grave"});
}

}  // namespace
}  // namespace devproxy
