// Commands that programs call, not people: what shells complete with, man pages and
// docs/reference/cli.md. In no help. Main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace devproxy {

/// The exit code, when the command line is one of these: `__complete services WORDS…` (the words of
/// the line that is completed, without the first), `__man PAGE`, `__reference`.
std::optional<int> run_hidden(int argc, const char* const* argv);

/// Names of services, for completion: those of the file that `words` mean; while it is broken,
/// those that its running devproxy knows. Asks nobody for long, and never fails.
std::vector<std::string> service_names(const std::vector<std::string>& words);

}  // namespace devproxy
