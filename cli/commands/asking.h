// The one question that commands ask which need root: only people are asked, on a terminal;
// programs get the commands. Main thread of a command.
#pragma once

#include <string>

#include "cli/command_line/invocation.h"
#include "cli/terminal/console.h"

namespace devproxy {

/// A program that wants JSON gets the commands in it.
bool may_ask(const Invocation& invocation, const Console& console);
/// Shows `text` and reads one line; nothing and "y" mean yes.
bool ask(const std::string& text);

}  // namespace devproxy
