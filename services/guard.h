// The guard outlives devproxy by a moment: a small process of its own that learns by the end of a
// pipe that devproxy is gone, however that came, and then ends what the run had started. Without it
// a kill -9 would leave every grandchild behind. Guard starts it and tells it which process groups
// live; run_guard() is what it does. Loop thread; owned by Supervisor.
#pragma once

#include <sys/types.h>
#include <uv.h>

#include <optional>
#include <string>

#include "base/handle.h"
#include "base/loop.h"
#include "base/result.h"

namespace devproxy {

inline constexpr const char* guard_command = "__guard";

class Guard final {
 public:
  Guard() = default;
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  /// Once, before the first program of the run.
  Result<void> start(Loop& loop, const std::string& program, const std::string& run);
  bool is_started() const { return pipe_ >= 0; }
  void add(pid_t group) { tell('+', group); }
  void remove(pid_t group) { tell('-', group); }

 private:
  void tell(char sign, pid_t group) const;

  Handle<uv_process_t> process_;
  int pipe_ = -1;  ///< the end that we write to
};

/// The run, when `argv` is the guard's.
std::optional<std::string> parse_guard(int argc, const char* const* argv);
/// Waits for the end of descriptor 0, then ends the run. The exit code.
int run_guard(const std::string& run);

}  // namespace devproxy
