// The hidden command `devproxy __exec`: what stands between our fork and the user's program,
// because neither uv_spawn nor posix_spawn can do it. It begins a session, takes the terminal, asks
// to die with its parent, gives back what we changed (descriptor limit, signals) and becomes the
// program. exec_system_*.cc has what differs between systems. In the child process; its only
// thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace devproxy {

inline constexpr const char* exec_command = "__exec";

struct ExecRequest {
  pid_t parent = 0;                              ///< who must still be alive
  bool tty = false;                              ///< descriptor 0 is to be the controlling terminal
  bool foreground = false;                       ///< a job of our terminal, see ForegroundJob
  std::size_t inherited = 0;                     ///< descriptors from 3 on, closed by exec
  std::optional<unsigned long long> file_limit;  ///< RLIMIT_NOFILE, soft
  std::string dir;                               ///< empty: where we are
  std::vector<std::string> words;                ///< program and arguments
};

/// The whole command line of the shim, `program` first.
std::vector<std::string> exec_arguments(const std::string& program, const ExecRequest& request);
/// Nothing when `argv` is not the shim's.
std::optional<ExecRequest> parse_exec(int argc, const char* const* argv);

/// Returns only when the program could not be started: the exit code, 126 or 127, after saying why
/// on stderr.
int run_exec_shim(const ExecRequest& request);

// ---- exec_system_linux.cc, exec_system_macos.cc

/// A path at which this very program can be run again, even after its file was replaced.
std::string own_program();
/// The kernel is to send SIGTERM to this process when its parent dies. False: it cannot.
bool die_with_parent();

}  // namespace devproxy
