// A Diagnosis is one finding of `devproxy doctor`: whether it is fine, what was found, and its
// mend. Each check, a header beside this one, is a pure function over facts that were gathered
// before, so that tests need no special machine. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace devproxy {

enum class Health : std::uint8_t {
  ok,
  warning,  ///< it bites some day, or some clients only
  problem,  ///< something does not work
};

/// What `--fix` can do about it, without root.
enum class Fix : std::uint8_t { none, end_stale_runs, forget_ports };

struct Diagnosis {
  Health health = Health::ok;
  std::string check;  ///< what was looked at: "names", "listeners", …
  std::string code;   ///< stable, dotted, begins with the check: "names.system"
  std::string what;   ///< a sentence without its full stop; whatever came from outside is escaped
  std::string mend;   ///< the command, or the next step; empty when it is fine
  Fix fix = Fix::none;
  std::string fixed = {};  ///< what --fix did about it
};

using Diagnoses = std::vector<Diagnosis>;

/// "a, b and c"; of more than `most` "a, b and 7 more".
std::string list_text(const std::vector<std::string>& words, std::size_t most = 4);

}  // namespace devproxy
