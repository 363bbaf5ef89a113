// Commands for people to copy: what is left to do where root is needed. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "certs/command_runner.h"

namespace devproxy {

/// One a line, quoted for a shell.
std::string command_lines(const std::vector<Words>& commands);

}  // namespace devproxy
