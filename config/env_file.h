// Reads a .env file: NAME=value, `export`, single and double quotes, comments. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace devproxy {

struct EnvFile {
  struct Fault {
    std::uint32_t line;
    std::uint32_t column;
    std::string message;
  };
  std::unordered_map<std::string, std::string> values;  ///< the last of two wins
  std::vector<Fault> faults;                            ///< lines that were skipped, and why
};

/// Letters, digits and underscores, no digit first.
bool is_variable_name(std::string_view text);

EnvFile parse_env_file(std::string_view text);

}  // namespace devproxy
