// A Failure is why a command could not do its work: the exit code, and the words for people and for
// programs. Values; any thread.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

#include "config/problem.h"

namespace devproxy {

enum class ExitCode : int {
  done = 0,
  failed = 1,
  usage = 2,        ///< wrong usage or an invalid file
  not_running = 3,  ///< the proxy or the service
  conflict = 4,     ///< a port or a host is taken
  permission = 5,
  timed_out = 6,
};

struct Failure {
  ExitCode exit = ExitCode::failed;
  std::string code;     ///< stable, dotted: "usage.unknown_command", for --json
  std::string message;  ///< lower-case, names the thing; one line
  std::string hint;     ///< the next step
  Problems problems;    ///< of an invalid file; shown before the message
};

/// For what the contract names and this version does not build: "down: not in 0.1".
Failure not_built(const std::string& what, std::string hint);

/// What a command that worked may still say with its exit code.
using Outcome = tl::expected<ExitCode, Failure>;

}  // namespace devproxy
