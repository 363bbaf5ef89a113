// Readying waits until a service answers, in the way that its `ready` says, and tells it once.
// Dropping it stops the waiting. Loop thread; owned by ServiceRun, from each start of its program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "config/command.h"
#include "services/probe.h"

namespace devproxy {

class Readying final {
 public:
  /// A program that begins quickly is asked often, one that takes its time more rarely.
  static constexpr std::uint64_t first_interval_ms = 25;
  static constexpr std::uint64_t longest_interval_ms = 250;

  /// `ready` is never called from within the constructor; it may destroy this.
  Readying(Loop& loop, std::uint16_t port, Readiness wanted, std::function<void()> ready);
  Readying(const Readying&) = delete;
  Readying& operator=(const Readying&) = delete;

  /// A line that the program printed, without colours.
  void note_line(std::string_view line);

 private:
  void ask();
  void on_answer(bool yes);
  void tell_later();

  Loop& loop_;
  std::uint16_t port_;
  Readiness wanted_;
  std::function<void()> ready_;
  std::unique_ptr<Probe> probe_;
  Timer timer_;
  std::uint64_t interval_ = first_interval_ms;
};

}  // namespace devproxy
