#include "services/readying.h"

#include <algorithm>
#include <utility>

namespace devproxy {

Readying::Readying(Loop& loop, std::uint16_t port, Readiness wanted, std::function<void()> ready)
    : loop_(loop),
      port_(port),
      wanted_(std::move(wanted)),
      ready_(std::move(ready)),
      timer_(loop.agenda()) {
  if (wanted_.when == ReadyWhen::started) {
    tell_later();
  } else if (wanted_.when != ReadyWhen::log) {
    timer_.start(interval_, [this] { ask(); });
  }
}

void Readying::note_line(std::string_view line) {
  if (wanted_.when == ReadyWhen::log && line.find(wanted_.text) != std::string_view::npos)
    tell_later();
}

/// Whoever prints the line is still on the stack.
void Readying::tell_later() {
  if (timer_.pending()) return;
  timer_.start(0, [ready = ready_] { ready(); });
}

void Readying::ask() {
  const std::string path = wanted_.when == ReadyWhen::http ? wanted_.text : "";
  probe_ = std::make_unique<Probe>(loop_, port_, path, [this](bool yes) { on_answer(yes); });
  probe_->start();
}

void Readying::on_answer(bool yes) {
  loop_.agenda().bury(std::move(probe_));
  if (yes) {
    tell_later();
    return;
  }
  timer_.start(interval_, [this] { ask(); });
  interval_ = std::min(interval_ * 2, longest_interval_ms);
}

}  // namespace devproxy
