// BoundedOutput keeps the file that our output goes to from growing without end: when it is long it
// is kept beside a new one, and the one before that is dropped; when it is written faster than we
// look, it is emptied. For processes without a terminal.
// Loop thread; owned by whoever runs such a process, destroyed before the Loop.
#pragma once

#include <cstdint>
#include <string>

#include "base/loop.h"

namespace devproxy {

class BoundedOutput final {
 public:
  static constexpr std::int64_t longest = 4 << 20;
  static constexpr std::uint64_t look_ms = 1'000;

  /// `path`: of the file that is standard output and standard error; empty: there is none.
  BoundedOutput(Loop& loop, std::string path);

  /// As it is done every look_ms.
  void look();

 private:
  Timer timer_;
  std::string path_;
};

}  // namespace devproxy
