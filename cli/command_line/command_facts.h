// What is true of every command: exit codes, variables, files. Help, man pages and
// docs/reference/cli.md print them. Constant data; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

struct Fact {
  std::string_view name;
  std::string_view meaning;
};

std::span<const Fact> exit_codes();
/// That devproxy reads; what it sets for services is in docs/services.md.
std::span<const Fact> variables_read();
std::span<const Fact> own_files();

/// "bash, zsh or fish"
std::string one_of(const std::vector<std::string_view>& words);

}  // namespace devproxy
