// How the shared proxy of this user is found, and how it comes to be: `devproxy __proxy`, a process
// of its own that belongs to no terminal. Main thread.
#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <optional>

#include "base/dirs.h"
#include "cli/running/find_proxy.h"
#include "cli/terminal/failure.h"

namespace devproxy {

inline constexpr const char* proxy_command = "__proxy";

/// The one that answers within `patience`; it may be about to end.
std::optional<FoundProxy> find_shared_proxy(std::chrono::milliseconds patience);

/// Returns before it answers. Where several are started at once one stays, the others leave by
/// themselves.
tl::expected<void, Failure> start_shared_proxy();

/// Where it writes what it does.
std::string proxy_log(const Dirs& dirs);
/// The last lines of its log, for when it does not come; may be empty.
std::string last_words_of_proxy();

}  // namespace devproxy
