#include "base/deadlines.h"

#include <algorithm>

namespace devproxy {

Deadline::~Deadline() {
  unlink();
}

void Deadline::unlink() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
  next_ = nullptr;
}

void Deadline::set(Deadlines& deadlines, std::uint64_t milliseconds) {
  due_ = deadlines.agenda_.now() + milliseconds;
  // Its slot comes early enough: it will be looked at then and moved on.
  if (link_ != nullptr && slot_due_ <= due_ + Deadlines::resolution) return;
  unlink();
  deadlines.link(*this);
}

void Deadlines::link(Deadline& deadline) {
  if (!tick_.pending()) {
    visited_ = agenda_.now() / resolution;
    tick_.start(resolution, [this] { tick(); });
  }
  const std::uint64_t wanted = deadline.due_ / resolution + 1;
  const std::uint64_t second =
      std::clamp<std::uint64_t>(wanted, visited_ + 1, visited_ + slots - 1);
  deadline.slot_due_ = second * resolution;
  Deadline*& head = wheel_[second % slots];
  deadline.next_ = head;
  if (head != nullptr) head->link_ = &deadline.next_;
  deadline.link_ = &head;
  head = &deadline;
}

void Deadlines::tick() {
  tick_.start(resolution, [this] { tick(); });
  const std::uint64_t now = agenda_.now();
  const std::uint64_t last = now / resolution;
  visited_ = std::max(visited_, last > slots ? last - slots : 0);
  while (visited_ < last) {
    ++visited_;
    // The list is taken off first: what is linked meanwhile belongs to a later visit.
    Deadline*& slot = wheel_[visited_ % slots];
    Deadline* list = slot;
    slot = nullptr;
    if (list != nullptr) list->link_ = &list;
    while (list != nullptr) {
      Deadline& deadline = *list;
      deadline.unlink();
      if (deadline.due_ == Agenda::never) continue;
      if (deadline.due_ > now) {
        link(deadline);
        continue;
      }
      deadline.clear();
      deadline.on_deadline();
    }
  }
  if (std::all_of(wheel_.begin(), wheel_.end(),
                  [](const Deadline* head) { return head == nullptr; }))
    tick_.cancel();
}

}  // namespace devproxy
