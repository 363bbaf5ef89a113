// A Problem is one thing that is wrong with a configuration: where, what, and how to mend it.
// Values; any thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace devproxy {

struct Problem {
  std::string code;  ///< stable, dotted: "config.unknown_key", for --json
  Position at;
  std::string message;       ///< lower-case, names the thing
  std::string hint;          ///< the next step; may be empty
  std::string source_line;   ///< the offending line as it stands in the file; may be empty
  std::uint32_t length = 1;  ///< how many columns the carets cover
};

using Problems = std::vector<Problem>;

/// `file:line:column: message`, the source line, a caret, the hint; ends with a newline. ANSI
/// colours when `colour`.
std::string render(const Problem& problem, bool colour);

}  // namespace devproxy
