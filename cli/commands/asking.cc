#include "cli/commands/asking.h"

#include <unistd.h>

#include <iostream>

#include "base/text.h"

namespace devproxy {

bool may_ask(const Invocation& invocation, const Console& console) {
  return console.terminal && !invocation.json && ::isatty(STDIN_FILENO) == 1;
}

bool ask(const std::string& text) {
  write_out(text);
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    write_out("\n");
    return false;
  }
  const std::string word = lower(trim(answer));
  return word.empty() || word == "y" || word == "yes";
}

}  // namespace devproxy
