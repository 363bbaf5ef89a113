// What makes shells complete our words: scripts made from the tree of commands. Names of services
// they ask for with `devproxy __complete services`, when they are needed. Pure; any thread.
#pragma once

#include <string>

namespace devproxy {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace devproxy
