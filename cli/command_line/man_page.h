// The man pages, made from the tree of commands and the table of keys: `devproxy __man PAGE`, which
// the build runs. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace devproxy {

inline constexpr std::string_view program_page_name = "devproxy.1";
inline constexpr std::string_view file_page_name = "devproxy.toml.5";

/// devproxy(1): commands, options, exit codes, variables, files.
std::string program_page();
/// devproxy.toml(5): every key.
std::string file_page();

}  // namespace devproxy
