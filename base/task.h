// Task: a move-only callable without arguments, run at most once (std::move_only_function is
// C++23).
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace devproxy {

class Task {
 public:
  Task() = default;

  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, Task> && std::is_invocable_v<F&>)
      Task(F&& work)  // NOLINT: implicit on purpose, a lambda is a Task
      : body_(std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(work))) {}

  explicit operator bool() const { return body_ != nullptr; }
  void operator()() { body_->run(); }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual void run() = 0;
  };
  template <class F>
  struct Body final : Callable {
    explicit Body(F&& work) : work_(std::move(work)) {}
    explicit Body(const F& work) : work_(work) {}
    void run() override { work_(); }
    F work_;
  };
  std::unique_ptr<Callable> body_;
};

}  // namespace devproxy
