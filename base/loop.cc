#include "base/loop.h"

#include <cassert>
#include <utility>

namespace devproxy {
namespace {

struct Work {
  uv_work_t request{};
  Loop* loop = nullptr;
  Task off_loop;
  Task then;
};

}  // namespace

Loop::Loop() : loop_(std::make_unique<uv_loop_t>()) {
  uv_loop_init(loop_.get());

  timer_.reset(new uv_timer_t);
  uv_timer_init(loop_.get(), timer_.get());
  timer_->data = this;
  agenda_.set_now(uv_now(loop_.get()));
  agenda_.on_deadline_changed = Task([this] { move_timer(); });

  wake_.reset(new uv_async_t);
  uv_async_init(loop_.get(), wake_.get(), [](uv_async_t* handle) {
    if (auto* self = owner_of<Loop>(handle)) self->run_posted();
  });
  wake_->data = this;
  // Waiting for posts alone does not keep a loop running.
  uv_unref(reinterpret_cast<uv_handle_t*>(wake_.get()));
  flush_before_wait();
}

/// Behind the events of an iteration, and behind the timers and close callbacks that follow them.
void Loop::flush_before_wait() {
  after_events_.reset(new uv_check_t);
  uv_check_init(loop_.get(), after_events_.get());
  after_events_->data = this;
  uv_check_start(after_events_.get(), [](uv_check_t* handle) {
    if (auto* self = owner_of<Loop>(handle)) self->agenda_.before_wait();
  });
  uv_unref(reinterpret_cast<uv_handle_t*>(after_events_.get()));
  before_wait_.reset(new uv_prepare_t);
  uv_prepare_init(loop_.get(), before_wait_.get());
  before_wait_->data = this;
  uv_prepare_start(before_wait_.get(), [](uv_prepare_t* handle) {
    if (auto* self = owner_of<Loop>(handle)) self->agenda_.before_wait();
  });
  uv_unref(reinterpret_cast<uv_handle_t*>(before_wait_.get()));
}

Loop::~Loop() {
  std::vector<Task> dropped;
  {
    const std::lock_guard lock(mutex_);
    wake_.reset();
    dropped.swap(posted_);
  }
  {
    // What a task keeps may have handles: they must close while there is a loop.
    const Turn turn(agenda_);
    dropped.clear();
  }
  agenda_.on_deadline_changed = Task();
  timer_.reset();
  after_events_.reset();
  before_wait_.reset();
  // Lets close callbacks and work that is under way finish. Again when somebody called stop()
  // meanwhile.
  ending_ = true;
  while (uv_run(loop_.get(), UV_RUN_DEFAULT) != 0) {
  }
  [[maybe_unused]] const int left = uv_loop_close(loop_.get());
  assert(left == 0 && "a handle outlived its loop");
}

void Loop::run() {
  uv_run(loop_.get(), UV_RUN_DEFAULT);
}

void Loop::run_once(bool wait) {
  once_ = true;
  uv_run(loop_.get(), wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
  once_ = false;
}

void Loop::stop() {
  uv_stop(loop_.get());
}

void Loop::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (!wake_) return;
  posted_.push_back(std::move(task));
  // Inside the lock: the loop cannot close its handle while a poster is here.
  uv_async_send(wake_.get());
}

void Loop::run_posted() {
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) {
    const Turn turn = this->turn();
    task();
  }
}

void Loop::work(Task off_loop, Task then) {
  auto* work = new Work;
  work->loop = this;
  work->off_loop = std::move(off_loop);
  work->then = std::move(then);
  work->request.data = work;
  uv_queue_work(
      loop_.get(), &work->request,
      [](uv_work_t* request) { static_cast<Work*>(request->data)->off_loop(); },
      [](uv_work_t* request, int status) {
        const std::unique_ptr<Work> done(static_cast<Work*>(request->data));
        if (status != 0 || done->loop->ending_) return;
        const Turn turn = done->loop->turn();
        done->then();
      });
}

void Loop::move_timer() {
  const std::uint64_t deadline = agenda_.next_deadline();
  if (!timer_) return;
  if (deadline == Agenda::never) {
    uv_timer_stop(timer_.get());
    return;
  }
  const std::uint64_t now = uv_now(loop_.get());
  uv_timer_start(
      timer_.get(),
      [](uv_timer_t* handle) {
        auto* self = owner_of<Loop>(handle);
        if (self == nullptr) return;
        // libuv looks at timers before it waits, too, and would still wait for an event then.
        if (self->once_) self->stop();
        self->agenda_.advance_to(uv_now(self->loop_.get()));
        self->move_timer();
      },
      deadline > now ? deadline - now : 0, 0);
}

}  // namespace devproxy
