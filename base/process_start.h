// How a process of this user was started: for messages that name whose port is in the way. Reading
// is the system's part (process_start_linux.cc, process_start_macos.cc). Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace devproxy {

struct ProcessStart {
  std::string folder;                  ///< its working directory now
  std::vector<std::string> arguments;  ///< the first is the program
};

/// Nothing when it is gone, or somebody else's.
std::optional<ProcessStart> process_start(pid_t pid);

}  // namespace devproxy
