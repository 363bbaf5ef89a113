// Shows a URL in the user's browser: the one that BROWSER names, else what this system has for it.
// Main thread of a command; blocks for two seconds at most.
#pragma once

#include <tl/expected.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/command_runner.h"
#include "cli/terminal/failure.h"

namespace devproxy {

using Variables = std::function<std::optional<std::string>(std::string_view name)>;

/// The program that took it; empty when none is there. A Failure when those that are there could
/// not.
tl::expected<std::string, Failure> open_in_browser(const std::string& url, CommandRunner& runner,
                                                   const Variables& variables);

/// What this system opens URLs with, the best first. In browser_linux.cc and browser_macos.cc.
std::vector<std::string> browser_openers(const Variables& variables);

}  // namespace devproxy
