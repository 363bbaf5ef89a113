#include "cli/terminal/command_lines.h"

#include <fmt/format.h>

namespace devproxy {

std::string command_lines(const std::vector<Words>& commands) {
  std::string text;
  for (const Words& words : commands) text += fmt::format("  {}\n", shell_quoted(words));
  return text;
}

}  // namespace devproxy
