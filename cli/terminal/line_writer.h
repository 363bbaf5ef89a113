// A LineWriter prints what follows a running proxy: lines are collected and written together a
// moment later, and a slow reader of stdout never holds the loop up. When the reader is gone it
// falls silent. Loop thread; owned by run_proxy().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/agenda.h"

namespace devproxy {

class LineWriter final {
 public:
  static constexpr std::uint64_t delay_ms = 20;  ///< how long lines wait for company
  static constexpr std::uint64_t retry_ms = 50;  ///< how soon a full pipe is tried again
  static constexpr std::size_t max_waiting =
      1U << 20U;  ///< with more, lines are dropped, and that is said

  LineWriter(Agenda& agenda, int descriptor) : timer_(agenda), descriptor_(descriptor) {}

  /// `lines` end with a newline. Printed soon, in order.
  void append(std::string_view lines);
  /// Prints now what can be printed without waiting.
  void flush();
  /// Prints now and waits for a slow reader, `limit_ms` at most: for the end of the process.
  void finish(int limit_ms);
  bool reader_is_gone() const { return gone_; }

 private:
  bool write_some(int wait_ms);
  void forget_written();
  void note_dropped();

  Timer timer_;
  std::string waiting_;
  std::size_t written_ = 0;  ///< bytes of waiting_ that are out already
  std::uint64_t dropped_ = 0;
  int descriptor_;
  bool gone_ = false;
};

}  // namespace devproxy
