// A Loop is a thread's event loop: libuv driving an Agenda. post() and work() are the only ways
// between threads. Created, run and destroyed on one thread; its owner destroys everything that
// uses it first.
#pragma once

#include <uv.h>

#include <memory>
#include <mutex>
#include <vector>

#include "base/agenda.h"
#include "base/handle.h"
#include "base/task.h"

namespace devproxy {

class Loop final {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop() or until nothing is left to do.
  void run();
  /// One iteration; waits when `wait`, until an event came or a timer was due. For tests.
  void run_once(bool wait);
  void stop();

  /// Runs `task` on this loop's thread in a later turn; drops it when the loop ends first. The one
  /// call that any thread may make.
  void post(Task task);

  /// Runs `off_loop` on libuv's thread pool, then `then` on this loop. Both are kept alive until
  /// done. When the loop ends first, it waits for `off_loop` and drops `then`.
  void work(Task off_loop, Task then);

  Agenda& agenda() { return agenda_; }
  /// What every callback of libuv begins with: the clock is read, and a turn begins.
  [[nodiscard]] Turn turn() {
    agenda_.set_now(uv_now(loop_.get()));
    return Turn(agenda_);
  }
  uv_loop_t* uv() { return loop_.get(); }

 private:
  void run_posted();
  void move_timer();
  void flush_before_wait();

  std::unique_ptr<uv_loop_t> loop_;
  Agenda agenda_;
  Handle<uv_timer_t> timer_;
  Handle<uv_async_t> wake_;
  Handle<uv_check_t> after_events_;
  Handle<uv_prepare_t> before_wait_;
  std::mutex mutex_;
  std::vector<Task> posted_;  ///< guarded by mutex_
  bool ending_ = false;
  bool once_ = false;  ///< within run_once()
};

}  // namespace devproxy
