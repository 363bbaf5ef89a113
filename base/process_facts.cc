#include "base/process_facts.h"

#include <algorithm>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::size_t id_digits = 64;
constexpr std::size_t shown_digits = 12;

bool is_id(std::string_view text) {
  return text.size() == id_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// "docker-<id>.scope", "libpod-<id>", "<id>": a container, else nothing is filled.
bool take_container(std::string_view part, std::string_view before, ProcessKeeper& keeper) {
  if (part.ends_with(".scope")) part.remove_suffix(6);
  if (part.size() < id_digits) return false;
  const std::string_view id = part.substr(part.size() - id_digits);
  if (!is_id(id)) return false;
  const std::string_view prefix = part.substr(0, part.size() - id_digits);
  keeper.container = id.substr(0, shown_digits);
  if (prefix == "docker-" || (prefix.empty() && before == "docker")) keeper.engine = "docker";
  if (prefix.starts_with("libpod")) keeper.engine = "podman";
  return true;
}

/// A user's session manager, or a terminal that a desktop started as an app, runs whatever the user
/// types: naming it would say nothing, and stopping it would end far too much.
bool is_telling_unit(std::string_view part) {
  return part.ends_with(".service") && !part.starts_with("user@") && !part.starts_with("app-");
}

/// "12:pids:/docker/…" and "0::/system.slice/…".
std::string_view path_of(std::string_view line) {
  const std::size_t controllers = line.find(':');
  if (controllers == std::string_view::npos) return {};
  const std::size_t path = line.find(':', controllers + 1);
  return path == std::string_view::npos ? std::string_view() : line.substr(path + 1);
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  // "812 (a) b) S 1 …": the name may hold anything, so the fields begin behind the last parenthesis
  // with the third (proc(5)).
  constexpr std::size_t parent = 4 - 3;
  constexpr std::size_t terminal = 7 - 3;
  constexpr std::size_t start = 22 - 3;
  const std::size_t end = text.rfind(") ");
  if (end == std::string_view::npos) return std::nullopt;
  const std::vector<std::string_view> fields = split(text.substr(end + 2), ' ');
  if (fields.size() <= start) return std::nullopt;
  const auto parent_pid = parse_number(fields[parent]);
  const auto ticks = parse_number(fields[start]);
  if (!parent_pid || !ticks) return std::nullopt;
  return ProcessStat{static_cast<pid_t>(*parent_pid), fields[terminal] != "0", *ticks};
}

ProcessKeeper parse_cgroup(std::string_view text) {
  ProcessKeeper keeper;
  for (const std::string_view line : split(text, '\n')) {
    std::string_view before;
    bool of_user = false;
    for (const std::string_view part : split(path_of(line), '/')) {
      if (keeper.container.empty()) take_container(part, before, keeper);
      of_user = of_user || part.starts_with("user@");
      if (is_telling_unit(part)) {
        keeper.unit = part;
        keeper.of_user = of_user;
      }
      before = part;
    }
  }
  return keeper;
}

std::vector<std::string> parse_words(std::string_view bytes) {
  std::vector<std::string> words;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    words.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  // A program that writes its title over its words leaves empty ones behind.
  while (!words.empty() && words.back().empty()) words.pop_back();
  return words;
}

}  // namespace devproxy
