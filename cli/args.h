// The command line, parsed. args.cc is the one place that knows CLI11, and is given the tree of
// commands (command_tree.h).
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/failure.h"

namespace devproxy {

tl::expected<Invocation, Failure> parse_arguments(int argc, const char* const* argv);

/// Whether --json stands among the arguments: also known when they cannot be parsed.
bool wants_json(int argc, const char* const* argv);

/// "did you mean "serve"?" when a known word is near, else `otherwise`.
std::string nearest_hint(std::string_view word, const std::vector<std::string_view>& known,
                         std::string otherwise);

}  // namespace devproxy
