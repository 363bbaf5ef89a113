// How tests wait: always for something, never longer than a deadline, never by sleeping. A wait
// that fails throws a TestFailure that says what was seen instead; the test framework reports it.
// Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>

namespace devproxy {

/// Long enough for a loaded machine under sanitizers; only a failing test ever waits this long.
inline constexpr std::chrono::milliseconds patience{20'000};

class TestFailure final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void give_up(const std::string& what) {
  throw TestFailure(what);
}

class WaitLimit final {
 public:
  explicit WaitLimit(std::chrono::milliseconds limit = patience)
      : at_(std::chrono::steady_clock::now() + limit) {}

  std::chrono::steady_clock::time_point at() const { return at_; }
  bool is_over() const { return std::chrono::steady_clock::now() >= at_; }
  /// Milliseconds as poll() takes them, rounded up; 0 when it is over.
  int left() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }

 private:
  std::chrono::steady_clock::time_point at_;
};

/// A door between two threads of a test: closed until somebody opens it.
class Gate final {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool is_open() const {
    const std::lock_guard lock(mutex_);
    return open_;
  }
  /// False when the deadline came first.
  bool wait(WaitLimit deadline = WaitLimit()) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline.at(), [this] { return open_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace devproxy
