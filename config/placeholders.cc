#include "config/placeholders.h"

#include <algorithm>
#include <array>

namespace devproxy {
namespace {

constexpr std::array<std::string_view, 5> plain{"port", "url", "project", "service", "worktree"};
constexpr std::string_view before = "services.";
constexpr std::string_view after = ".port";

}  // namespace

std::string_view service_of_placeholder(std::string_view name) {
  if (name.size() <= before.size() + after.size() || !name.starts_with(before) ||
      !name.ends_with(after)) {
    return {};
  }
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

std::vector<PlaceholderUse> placeholders_in(std::string_view text) {
  std::vector<PlaceholderUse> uses;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    if (at > 0 && text[at - 1] == '$') continue;
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) break;
    const std::string_view name = text.substr(at + 1, end - at - 1);
    const bool known = std::find(plain.begin(), plain.end(), name) != plain.end();
    if (known || !service_of_placeholder(name).empty()) uses.push_back({name, at});
  }
  return uses;
}

std::string fill_placeholders(std::string_view text,
                              const std::function<std::string(std::string_view)>& value) {
  std::string filled;
  std::size_t done = 0;
  for (const PlaceholderUse& use : placeholders_in(text)) {
    filled.append(text.substr(done, use.offset - done)).append(value(use.name));
    done = use.offset + use.name.size() + 2;
  }
  return filled.append(text.substr(done));
}

}  // namespace devproxy
