// The table of programs that ignore PORT, and how each is told where to listen. Data; any thread.
#pragma once

#include <span>
#include <string_view>

namespace devproxy {

struct Framework {
  std::string_view name;         ///< as people write it
  std::string_view program;      ///< the name of its program, without folder
  std::string_view subcommands;  ///< the words of which one must follow, "|" between them; an empty
                                 ///< one: no further word, or options only. Empty: whatever follows
  std::string_view flags;        ///< placed at the end; {port} expands
  std::string_view decided;      ///< options that mean that the command says it itself
};

std::span<const Framework> frameworks();

}  // namespace devproxy
