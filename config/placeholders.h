// Placeholders in what a command is told: {port}, {url}, {project}, {service}, {worktree},
// {services.NAME.port}. Every other brace belongs to the shell, to JSON or to awk and is left
// alone, and so is ${…}. Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

struct PlaceholderUse {
  std::string_view name;   ///< without braces
  std::size_t offset = 0;  ///< of the opening brace
};

/// In the order of the text; views into it.
std::vector<PlaceholderUse> placeholders_in(std::string_view text);

/// NAME of "services.NAME.port", else empty.
std::string_view service_of_placeholder(std::string_view name);

std::string fill_placeholders(std::string_view text,
                              const std::function<std::string(std::string_view name)>& value);

}  // namespace devproxy
