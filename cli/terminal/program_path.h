// Where this program's own file is, under its real name: for those who are shown it, and for
// processes in which /proc/self/exe would be another one. Asks the system; any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace devproxy {

/// Error: internal; the file was removed or replaced since this process began. Children of ours are
/// started by own_program() then, which is still the same.
Result<std::string> program_path();

}  // namespace devproxy
