// Help, made from the tree of commands. Pure; any thread.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/failure.h"

namespace devproxy {

/// Help for one command, or for all of them when `command` is empty; examples first.
tl::expected<std::string, Failure> help_text(std::string_view command);
/// What `devproxy` alone says: what it is, three examples, where to read on.
std::string short_help();

/// An option or argument as help shows it: its names, and what it does.
struct OptionInfo {
  std::string name;
  std::string summary;
};
/// The options of `command`, the common ones last; of the program itself when it is empty.
std::vector<OptionInfo> options_of(std::string_view command);

/// The failure for a word that is no command: of a later version, or the nearest that there is.
Failure unknown_command(std::string_view word);

}  // namespace devproxy
