// devproxy never runs as root for a user: started with sudo, it becomes whoever typed that before
// it opens anything. Main thread, while it is the only one.
#pragma once

#include <tl/expected.hpp>

#include <string>

#include "base/dirs.h"
#include "cli/command_line/invocation.h"
#include "cli/terminal/failure.h"

namespace devproxy {

/// For commands that run a proxy or touch the files of a user; says so in one line on stderr.
tl::expected<void, Failure> leave_root(CommandId command);

/// Where being root means little. `root` stands before every path; empty, except in tests.
bool in_container(const ReadEnvironment& environment, const std::string& root);

}  // namespace devproxy
