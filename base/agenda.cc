#include "base/agenda.h"

#include <algorithm>
#include <utility>

namespace devproxy {

void Timer::start(std::uint64_t milliseconds, Task task) {
  cancel();
  task_ = std::move(task);
  // A task that starts its timer again with 0 ms must not keep the loop from its events.
  const std::uint64_t least = agenda_.advancing_ ? 1 : 0;
  position_ = agenda_.timers_.emplace(agenda_.now_ + std::max(milliseconds, least), this);
  pending_ = true;
  if (position_ == agenda_.timers_.begin() && agenda_.on_deadline_changed) {
    agenda_.on_deadline_changed();
  }
}

void Timer::cancel() {
  if (!pending_) return;
  agenda_.timers_.erase(position_);
  pending_ = false;
  if (agenda_.timers_.empty() && !agenda_.advancing_ && agenda_.on_deadline_changed) {
    agenda_.on_deadline_changed();
  }
}

Agenda::~Agenda() {
  const Turn turn(*this);
}

void Agenda::advance_to(std::uint64_t now) {
  now_ = now;
  advancing_ = true;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Turn turn(*this);
    Timer* timer = timers_.begin()->second;
    timer->cancel();
    // The task may destroy its timer, hence the move.
    Task task = std::move(timer->task_);
    task();
  }
  advancing_ = false;
}

void Agenda::advance(std::uint64_t milliseconds) {
  const std::uint64_t end = now_ + milliseconds;
  while (next_deadline() <= end) advance_to(std::max(now_, next_deadline()));
  advance_to(end);
}

void Agenda::forget(const Flushable& thing) {
  for (std::vector<Flushable*>* list : {&dirty_, &collected_}) {
    std::replace(list->begin(), list->end(), const_cast<Flushable*>(&thing),
                 static_cast<Flushable*>(nullptr));
  }
}

void Agenda::before_wait() {
  // Flushing one may give another something to send; the list grows while it is walked.
  while (!collected_.empty()) {
    const Turn turn(*this);
    for (std::size_t i = 0; i < collected_.size(); ++i) {
      if (Flushable* thing = std::exchange(collected_[i], nullptr)) thing->flush();
    }
    collected_.clear();
  }
}

void Agenda::end_turn() {
  // Flushing may write more and bury more; both lists grow while they are walked.
  while (!dirty_.empty() || !graves_.empty()) {
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
      if (dirty_[i] != nullptr) dirty_[i]->flush();
    }
    dirty_.clear();
    std::vector<Grave> graves = std::move(graves_);
    graves_.clear();
  }
}

}  // namespace devproxy
