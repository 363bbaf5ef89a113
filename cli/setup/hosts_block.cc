#include "cli/setup/hosts_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::string_view begin_mark = "# BEGIN devproxy";
constexpr std::string_view end_mark = "# END devproxy";
constexpr std::string_view begin_words =
    " (written by devproxy hosts sync, taken out by devproxy hosts clean)";
constexpr std::string_view project_mark = "# project ";
constexpr std::string_view no_file = "devproxy run";

struct Mark {
  bool begins = false;
  std::size_t line = 0;  ///< from 1
  std::size_t from = 0;  ///< offset of its first byte
  std::size_t to = 0;    ///< behind its line end
};

/// A mark is a whole word: "# BEGIN devproxy-old" is somebody else's.
bool is_mark(std::string_view line, std::string_view mark) {
  return line.starts_with(mark) && (line.size() == mark.size() || line[mark.size()] == ' ');
}

std::vector<Mark> find_marks(std::string_view text) {
  std::vector<Mark> marks;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t next = std::min(end + 1, text.size());
    ++number;
    line = trim(line);
    if (is_mark(line, begin_mark)) marks.push_back({true, number, at, next});
    if (is_mark(line, end_mark)) marks.push_back({false, number, at, next});
    at = next;
  }
  return marks;
}

/// Which line is wrong, and why; nothing when the marks are one pair, or none.
std::optional<std::string> damage(const std::vector<Mark>& marks, const std::string& path) {
  const auto at = [&](std::size_t index, std::string_view words) {
    return fmt::format("{}:{}: {}", path, marks[index].line, words);
  };
  if (marks.empty()) return std::nullopt;
  if (!marks[0].begins)
    return at(0, "a devproxy block ends here that never began; remove this line");
  if (marks.size() == 1) {
    return at(0, fmt::format("the devproxy block that begins here has no end; write \"{}\" below "
                             "its last line, or remove this one",
                             end_mark));
  }
  if (marks[1].begins) {
    return at(1, fmt::format("a second devproxy block begins here, before the one of line {} has "
                             "ended; write \"{}\" where that ends",
                             marks[0].line, end_mark));
  }
  if (marks.size() == 2) return std::nullopt;
  return at(2, marks[2].begins
                   ? "a second devproxy block begins here; remove it, there is one for all projects"
                   : "a devproxy block ends here a second time; remove this line");
}

/// "shop: /x/shop/devproxy.toml"
HostsProject read_project_line(std::string_view words) {
  HostsProject project;
  const std::size_t colon = words.find(": ");
  project.name = std::string(words.substr(0, colon));
  if (colon == std::string_view::npos) return project;
  project.file = std::string(words.substr(colon + 2));
  if (project.file == no_file) project.file.clear();
  return project;
}

std::vector<HostsProject> read_block(std::string_view block) {
  std::vector<HostsProject> projects;
  for (const std::string_view raw : split(block, '\n')) {
    const std::string_view line = trim(raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw);
    if (line.starts_with(project_mark)) {
      projects.push_back(read_project_line(line.substr(project_mark.size())));
      continue;
    }
    const std::size_t space = line.find_first_of(" \t");
    if (line.starts_with('#') || space == std::string_view::npos || projects.empty()) continue;
    std::string name(trim(line.substr(space)));
    auto& names = projects.back().names;
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return projects;
}

std::string with_line_ends(std::string_view text, std::string_view line_end) {
  std::string result;
  for (const char c : text) {
    if (c == '\n')
      result += line_end;
    else
      result += c;
  }
  return result;
}

}  // namespace

Result<HostsText> parse_hosts(std::string_view text, const std::string& path) {
  const std::vector<Mark> marks = find_marks(text);
  if (auto wrong = damage(marks, path))
    return fail(Code::invalid, Source::system, std::move(*wrong));
  HostsText hosts;
  const std::size_t first_end = text.find('\n');
  hosts.crlf = first_end != std::string_view::npos && first_end > 0 && text[first_end - 1] == '\r';
  if (marks.empty()) {
    hosts.before = std::string(text);
    return hosts;
  }
  hosts.has_block = true;
  hosts.before = std::string(text.substr(0, marks[0].from));
  hosts.after = std::string(text.substr(marks[1].to));
  hosts.projects = read_block(text.substr(marks[0].to, marks[1].from - marks[0].to));
  // The line end before a block without one behind it came with the block.
  const bool ends_open = marks[1].to == text.size() && !text.ends_with('\n');
  if (ends_open) {
    if (hosts.before.ends_with('\n')) hosts.before.pop_back();
    if (hosts.before.ends_with('\r')) hosts.before.pop_back();
  }
  return hosts;
}

std::string hosts_block(const std::vector<HostsProject>& projects) {
  std::string parts;
  std::set<std::string_view> seen;
  for (const HostsProject& project : projects) {
    std::string lines;
    for (const std::string& name : project.names) {
      // Both families: whoever asks for one only would go on to ask a DNS server for the other.
      if (seen.insert(name).second) lines += fmt::format("127.0.0.1 {0}\n::1 {0}\n", name);
    }
    if (lines.empty()) continue;
    parts += fmt::format("{}{}: {}\n{}", project_mark, project.name,
                         project.file.empty() ? no_file : std::string_view(project.file), lines);
  }
  if (parts.empty()) return "";
  return fmt::format("{}{}\n{}{}\n", begin_mark, begin_words, parts, end_mark);
}

std::string with_hosts_block(const HostsText& hosts, const std::vector<HostsProject>& projects) {
  const std::string_view line_end = hosts.crlf ? "\r\n" : "\n";
  std::string block = with_line_ends(hosts_block(projects), line_end);
  if (block.empty()) return hosts.before + hosts.after;
  const bool open = !hosts.before.empty() && !hosts.before.ends_with('\n');
  if (!open) return hosts.before + block + hosts.after;
  // A last line without an end keeps none: the block takes over being the last.
  block.resize(block.size() - line_end.size());
  return hosts.before + std::string(line_end) + block + hosts.after;
}

std::size_t count_names(const std::vector<HostsProject>& projects) {
  std::set<std::string_view> names;
  for (const HostsProject& project : projects)
    names.insert(project.names.begin(), project.names.end());
  return names.size();
}

}  // namespace devproxy
