// Deadlines: coarse timeouts for very many objects (a connection's idle time), one second exact.
// Setting one costs a store in the usual case that it moves further away. A wheel of lists, driven
// by one Timer. One thread; owned by the composition of a loop, outlives every Deadline.
#pragma once

#include <array>
#include <cstdint>

#include "base/agenda.h"

namespace devproxy {

class Deadlines;

/// Something with a time limit. Unlinks itself when it dies.
class Deadline {
 public:
  virtual ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void set(Deadlines& deadlines, std::uint64_t milliseconds);
  void clear() { due_ = Agenda::never; }
  bool is_set() const { return due_ != Agenda::never; }

 protected:
  Deadline() = default;

  /// At most about a second late; called in a turn. It may set itself again or be buried.
  virtual void on_deadline() = 0;

 private:
  friend class Deadlines;
  void unlink();

  Deadline* next_ = nullptr;
  Deadline** link_ = nullptr;  ///< what points at us; null: in no list
  std::uint64_t due_ = Agenda::never;
  std::uint64_t slot_due_ = 0;  ///< when our slot is visited
};

class Deadlines final {
 public:
  explicit Deadlines(Agenda& agenda) : agenda_(agenda), tick_(agenda) {}
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

 private:
  friend class Deadline;
  static constexpr std::uint64_t resolution = 1000;
  static constexpr std::size_t slots = 128;

  void link(Deadline& deadline);
  void tick();

  Agenda& agenda_;
  Timer tick_;
  std::uint64_t visited_ = 0;  ///< the last slot time that was visited, in seconds
  std::array<Deadline*, slots> wheel_{};
};

}  // namespace devproxy
