// The command line, parsed. args.cc is the one place that knows CLI11, and is given the tree of
// commands (command_tree.h).
#pragma once

#include <tl/expected.hpp>

#include "cli/command_line/invocation.h"
#include "cli/terminal/failure.h"

namespace devproxy {

tl::expected<Invocation, Failure> parse_arguments(int argc, const char* const* argv);

/// Whether --json stands among the arguments: also known when they cannot be parsed.
bool wants_json(int argc, const char* const* argv);

}  // namespace devproxy
