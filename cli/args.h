// The command line. args.cc is the one place that knows CLI11: a tree of commands, from which
// parsing and help are made.
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

/// An option or argument as help shows it: its names, and what it does.
struct OptionInfo {
  std::string name;
  std::string summary;
};
/// The options of `command`, the common ones last; of the program itself when it is empty.
std::vector<OptionInfo> options_of(std::string_view command);

/// Help for one command, or for all of them when `command` is empty; examples first.
tl::expected<std::string, Failure> help_text(std::string_view command);

/// "did you mean "serve"?" when a known word is near, else `otherwise`.
std::string nearest_hint(std::string_view word, const std::vector<std::string_view>& known,
                         std::string otherwise);

}  // namespace devproxy
