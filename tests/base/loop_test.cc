#include "base/loop.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <string>
#include <thread>

#include "base/handle.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("loop: with nothing to do, run returns", "[base]") {
  Loop loop;
  loop.run();
  SUCCEED();
}

TEST_CASE("loop: timers keep it running until they are done", "[base]") {
  Loop loop;
  Words order;
  Timer late(loop.agenda());
  Timer early(loop.agenda());
  late.start(4, [&] { order.emplace_back("late"); });
  early.start(1, [&] { order.emplace_back("early"); });
  loop.run();
  CHECK(order == Words{"early", "late"});
}

TEST_CASE("loop: what was collected is flushed before it waits or ends", "[base]") {
  struct Output final : Flushable {
    Output(Loop& its_loop, int& its_left) : loop(its_loop), left(its_left) {}
    void flush() override {
      if (--left == 0) loop.stop();
    }
    Loop& loop;
    int& left;
  };
  Loop loop;
  int left = 2;
  Output from_timer(loop, left);
  Output from_post(loop, left);
  Timer timer(loop.agenda());
  timer.start(1, [&] { loop.agenda().flush_before_wait(from_timer); });
  loop.post([&] { loop.agenda().flush_before_wait(from_post); });
  loop.run();
  CHECK(left == 0);
}

TEST_CASE("loop: a step that ran a timer does not wait for an event as well", "[base]") {
  Loop loop;
  Handle<uv_signal_t> quiet(new uv_signal_t);
  uv_signal_init(loop.uv(), quiet.get());
  uv_signal_start(
      quiet.get(), [](uv_signal_t*, int) {}, SIGWINCH);
  bool over = false;
  Timer timer(loop.agenda());
  timer.start(0, [&over] { over = true; });
  loop.run_once(true);
  CHECK(over);
}

TEST_CASE("loop: a timer that was cancelled does not keep it running", "[base]") {
  Loop loop;
  Timer hour(loop.agenda());
  hour.start(3'600'000, [] {});
  hour.cancel();
  loop.run();
  SUCCEED();
}

TEST_CASE("loop: a timer may be started in its own task", "[base]") {
  Loop loop;
  int runs = 0;
  Timer timer(loop.agenda());
  timer.start(1, [&] {
    ++runs;
    timer.start(0, [&] { ++runs; });
  });
  loop.run();
  CHECK(runs == 2);
}

TEST_CASE("loop: stop ends run at once, whatever waits", "[base]") {
  Loop loop;
  bool ran = false;
  Timer hour(loop.agenda());
  Timer soon(loop.agenda());
  hour.start(3'600'000, [&] { ran = true; });
  soon.start(1, [&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(ran);
  CHECK(hour.pending());
}

TEST_CASE("loop: posted tasks run in order, each in a turn, not at once", "[base]") {
  class Output final : public Flushable {
   public:
    explicit Output(Words& words) : words_(words) {}
    void flush() override { words_.emplace_back("flush"); }

   private:
    Words& words_;
  };
  Loop loop;
  Words events;
  Output output(events);
  loop.post([&] {
    events.emplace_back("first");
    loop.agenda().flush_later(output);
    loop.post([&] {
      events.emplace_back("third");
      loop.stop();
    });
  });
  loop.post([&] { events.emplace_back("second"); });
  CHECK(events.empty());
  Timer keep(loop.agenda());
  keep.start(60'000, [] {});
  loop.run();
  CHECK(events == Words{"first", "flush", "second", "third"});
}

TEST_CASE("loop: what is still posted when it ends is dropped and freed", "[base]") {
  auto kept = std::make_shared<int>(0);
  {
    Loop loop;
    loop.post([kept] { ++*kept; });
  }
  CHECK(kept.use_count() == 1);
  CHECK(*kept == 0);
}

TEST_CASE("loop: a handle inside a dropped task closes in time", "[base]") {
  auto loop = std::make_unique<Loop>();
  Handle<uv_timer_t> timer(new uv_timer_t);
  uv_timer_init(loop->uv(), timer.get());
  loop->post([kept = std::move(timer)] {});
  loop.reset();
  SUCCEED();  // the sanitizers and the assertion in ~Loop are the judges
}

TEST_CASE("loop: stopping one that does not run does not hurt its end", "[base]") {
  auto loop = std::make_unique<Loop>();
  loop->stop();
  loop.reset();
  SUCCEED();
}

TEST_CASE("loop: a handle may die in its own callback", "[base]") {
  struct Owner {
    Handle<uv_timer_t> timer{new uv_timer_t};
    int calls = 0;
  };
  Loop loop;
  Owner owner;
  uv_timer_init(loop.uv(), owner.timer.get());
  owner.timer->data = &owner;
  uv_timer_start(
      owner.timer.get(),
      [](uv_timer_t* handle) {
        auto* self = owner_of<Owner>(handle);
        if (self == nullptr) return;
        ++self->calls;
        self->timer.reset();
      },
      0, 1);
  loop.run();
  CHECK(owner.calls == 1);
}

TEST_CASE("loop: the clock moves to each event's time", "[base]") {
  Loop loop;
  const std::uint64_t began = loop.agenda().now();
  std::uint64_t seen = 0;
  Timer timer(loop.agenda());
  timer.start(5, [&] { seen = loop.agenda().now(); });
  loop.run();
  CHECK(seen >= began + 5);
}

TEST_CASE("loop: work runs elsewhere, then the rest here", "[base][threads]") {
  Loop loop;
  const std::thread::id here = std::this_thread::get_id();
  std::thread::id worked;
  std::thread::id continued;
  loop.work([&] { worked = std::this_thread::get_id(); },
            [&] { continued = std::this_thread::get_id(); });
  loop.run();
  CHECK(worked != std::thread::id());
  CHECK(worked != here);
  CHECK(continued == here);
}

TEST_CASE("loop: many pieces of work each come back once", "[base][threads]") {
  Loop loop;
  constexpr int pieces = 100;
  std::atomic<int> worked = 0;
  int continued = 0;
  for (int i = 0; i < pieces; ++i) {
    loop.work([&] { ++worked; }, [&] { ++continued; });
  }
  loop.run();
  CHECK(worked == pieces);
  CHECK(continued == pieces);
}

TEST_CASE("loop: work under way when it ends is waited for, what follows is dropped",
          "[base][threads]") {
  auto kept = std::make_shared<int>(0);
  std::atomic<bool> worked = false;
  bool continued = false;
  {
    Loop loop;
    loop.work([&] { worked = true; }, [&continued, kept] { continued = true; });
  }
  CHECK(worked);
  CHECK_FALSE(continued);
  CHECK(kept.use_count() == 1);
}

TEST_CASE("loop: posts of several threads all arrive, each thread's in order", "[base][threads]") {
  constexpr int threads = 4;
  constexpr int posts_each = 500;
  Loop loop;
  std::vector<std::vector<int>> seen(threads);
  int left = threads * posts_each;
  Timer keep(loop.agenda());
  keep.start(60'000, [&] { loop.stop(); });
  {
    std::vector<std::jthread> posters;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      posters.emplace_back([&, thread] {
        for (int i = 0; i < posts_each; ++i) {
          loop.post([&, thread, i] {
            seen[thread].push_back(i);
            if (--left == 0) loop.stop();
          });
        }
      });
    }
    loop.run();
  }
  CHECK(left == 0);
  for (const std::vector<int>& numbers : seen) {
    REQUIRE(numbers.size() == posts_each);
    CHECK(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST_CASE("loop: two loops may speak by posts", "[base][threads]") {
  constexpr int rounds = 200;
  Loop here;
  Timer keep(here.agenda());
  keep.start(60'000, [&] { here.stop(); });
  int answers = 0;
  Loop* there = nullptr;
  std::atomic<Loop*> ready = nullptr;
  std::jthread thread([&] {
    Loop loop;
    Timer open(loop.agenda());
    open.start(60'000, [&] { loop.stop(); });
    ready = &loop;
    ready.notify_one();
    loop.run();
  });
  ready.wait(nullptr);
  there = ready;
  for (int i = 0; i < rounds; ++i) {
    there->post([&] {
      here.post([&] {
        if (++answers == rounds) here.stop();
      });
    });
  }
  here.run();
  there->post([there] { there->stop(); });
  thread.join();
  CHECK(answers == rounds);
}

}  // namespace
}  // namespace devproxy
