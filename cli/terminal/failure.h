// A Failure is why a command could not do its work: the exit code, and the words for people and for
// programs. Values; any thread.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// "devproxy.error/v1" (failure_json.cc).
std::string error_form(const Failure& failure);

/// "did you mean "serve"?" when a known word is near, else `otherwise`.
std::string nearest_hint(std::string_view word, const std::vector<std::string_view>& known,
                         std::string otherwise);

/// What a command that worked may still say with its exit code.
using Outcome = tl::expected<ExitCode, Failure>;

}  // namespace devproxy
