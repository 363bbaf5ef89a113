// Starts this program again, as a process that shows what it prints in a file: the shared proxy and
// `up -d`. Blocks shortly; main thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace devproxy {

/// The hidden word before the file that is our output and a command that is to run in a session of
/// its own.
inline constexpr std::string_view detached_word = "__detached";

/// `words`: what stands behind the program's name. `log`: where its output goes, made and begun
/// anew when it has grown long, the one before kept beside it. Its pid, to be waited for.
Result<pid_t> spawn_self(std::vector<std::string> words, const std::string& log);

/// The last lines of such a file, escaped, each with its end; empty: there are none. `from`: where
/// it ended before.
std::string last_words(const std::string& log, std::uintmax_t from = 0);

}  // namespace devproxy
