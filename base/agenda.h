// An Agenda is what one thread still has to do: timers, and what waits for the end of the current
// turn. A Turn is one visit by the event loop; when the outermost ends, everything dirty is flushed
// once and everything buried is destroyed. Knows no libuv: tests drive it with advance(). One
// thread; owned by Loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/task.h"

namespace devproxy {

class Agenda;

/// Something that collects output during a turn and sends it once at its end.
class Flushable {
 public:
  virtual void flush() = 0;

 protected:
  Flushable() = default;
  ~Flushable() = default;
};

/// A one-shot timer. Destroying or cancelling it is silent and immediate. Millisecond resolution.
class Timer final {
 public:
  explicit Timer(Agenda& agenda) : agenda_(agenda) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(std::uint64_t milliseconds, Task task);
  void cancel();
  bool pending() const { return pending_; }

 private:
  friend class Agenda;
  using Position = std::multimap<std::uint64_t, Timer*>::iterator;

  Agenda& agenda_;
  Task task_;
  Position position_;
  bool pending_ = false;
};

class Agenda final {
 public:
  static constexpr std::uint64_t never = UINT64_MAX;

  Agenda() = default;
  Agenda(const Agenda&) = delete;
  Agenda& operator=(const Agenda&) = delete;
  ~Agenda();

  /// Milliseconds of a monotonic clock, as coarse as one loop iteration.
  std::uint64_t now() const { return now_; }

  /// Moves the clock and runs what is due, in order. What a task starts comes later, also after 0
  /// ms.
  void advance_to(std::uint64_t now);
  /// For tests: the same from deadline to deadline, so that tasks see the time that they were due.
  void advance(std::uint64_t milliseconds);
  void set_now(std::uint64_t now) { now_ = now; }
  /// When the earliest timer is due, or never.
  std::uint64_t next_deadline() const { return timers_.empty() ? never : timers_.begin()->first; }

  /// Calls `thing.flush()` once when the outermost turn ends. Outside a turn: at the end of the
  /// next.
  void flush_later(Flushable& thing) { dirty_.push_back(&thing); }
  /// The same in a turn of its own, before the loop waits again: whatever the events at hand still
  /// bring is collected first.
  void flush_before_wait(Flushable& thing) { collected_.push_back(&thing); }
  void forget(const Flushable& thing);
  /// For the loop, and for tests that have none.
  void before_wait();

  /// Destroys `thing` when the outermost turn ends, so that nothing dies inside its own callback.
  template <class T>
  void bury(std::unique_ptr<T> thing) {
    if (thing)
      graves_.push_back(Grave(thing.release(), [](void* p) { delete static_cast<T*>(p); }));
  }

  /// Called when a deadline became the earliest, or there is none any more, so that the loop can
  /// move its one libuv timer.
  Task on_deadline_changed;

 private:
  friend class Timer;
  friend class Turn;
  using Grave = std::unique_ptr<void, void (*)(void*)>;

  void end_turn();

  std::uint64_t now_ = 0;
  std::multimap<std::uint64_t, Timer*> timers_;
  std::vector<Flushable*> dirty_;
  std::vector<Flushable*> collected_;  ///< wait for before_wait()
  std::vector<Grave> graves_;
  int depth_ = 0;
  bool advancing_ = false;
};

/// Scope of one visit by the event loop. Nests; the outermost one flushes and buries.
class Turn final {
 public:
  explicit Turn(Agenda& agenda) : agenda_(agenda) { ++agenda_.depth_; }
  ~Turn() {
    if (agenda_.depth_ == 1) agenda_.end_turn();
    --agenda_.depth_;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Agenda& agenda_;
};

}  // namespace devproxy
