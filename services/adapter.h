// adapt() finds out whether a command runs a framework that ignores PORT, also behind npx, `npm
// run` and their like, and which flags make it listen where it should. It only ever adds words at
// the end. Pure but for the scripts that it is given a way to read; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/command.h"

namespace devproxy {

struct Adaptation {
  std::string framework;           ///< "Vite"
  std::vector<std::string> words;  ///< to be added at the end; {port} expands
  std::string why_not;             ///< why nothing is added after all; mostly empty
};

/// The text of a script of the package.json in `folder`; nothing when there is none.
using ReadScript =
    std::function<std::optional<std::string>(const std::string& folder, std::string_view name)>;

/// Nothing when no framework of the table is found, or the command was not to be touched.
std::optional<Adaptation> adapt(const CommandTarget& command, const ReadScript& read_script);

/// package_scripts.cc: the file itself.
std::optional<std::string> script_of_package(const std::string& folder, std::string_view name);

/// The words of the last command of a line of shell, when flags at the line's end reach it: without
/// quotes, variables set before it left out. Nothing when the line does more than that.
std::optional<std::vector<std::string>> last_command(std::string_view line);

}  // namespace devproxy
