#include "config/strings.h"

#include <algorithm>
#include <utility>

#include "config/files.h"
#include "config/values.h"

namespace devproxy {
namespace {

bool begins_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// The byte at which the `column`-th code point of `line` begins; columns count from 1.
std::size_t byte_of_column(std::string_view line, std::uint32_t column) {
  std::size_t at = 0;
  for (std::uint32_t left = column - 1; at < line.size(); ++at) {
    if (!begins_code_point(line[at])) continue;
    if (left == 0) break;
    --left;
  }
  return at;
}

}  // namespace

Strings::Strings(Sources& sources, Report& report, Environment environment, std::string env_file)
    : sources_(sources),
      report_(report),
      environment_(std::move(environment)),
      env_path_(std::move(env_file)) {}

std::optional<Text> Strings::expand(const Node& node) {
  const std::string_view from = node.text;
  if (from.find('$') == std::string_view::npos) return Text{from, node.where, false};
  std::string to;
  bool expanded = false;
  bool good = true;
  for (std::size_t at = 0; at < from.size();) {
    if (from.substr(at).starts_with("$$")) {
      to += '$';
      at += 2;
      continue;
    }
    if (!from.substr(at).starts_with("${")) {
      to += from[at++];
      continue;
    }
    const std::size_t end = from.find('}', at);
    if (end == std::string_view::npos) {
      report_.add("config.string", inside(node.where, from, at, 2), "\"${\" has no closing \"}\"",
                  "write ${NAME}, or $${ for a dollar and a brace");
      return std::nullopt;
    }
    const std::string_view inner = from.substr(at + 2, end - at - 2);
    const Where where = inside(node.where, from, at, end + 1 - at);
    const std::size_t mark = inner.find(":-");
    const std::string name(inner.substr(0, mark));
    at = end + 1;
    expanded = true;
    if (!is_variable_name(name)) {
      report_.add("config.string", where, in_quotes(name) + " is not the name of a variable",
                  "write ${NAME} or ${NAME:-default}, or $${ for a dollar and a brace");
      good = false;
      continue;
    }
    if (inner.find("${") != std::string_view::npos) {
      report_.add("config.string", where, "a default cannot hold another ${}",
                  "write the default itself");
      return std::nullopt;
    }
    const auto value = look_up(name);
    if (value && !(value->empty() && mark != std::string_view::npos)) {
      to += *value;
    } else if (mark != std::string_view::npos) {
      to += inner.substr(mark + 2);
    } else {
      report_.add("config.unset", where,
                  name + " is not set, neither in the environment nor in .env",
                  "set it, or write ${" + name + ":-default}");
      good = false;
    }
  }
  if (!good) return std::nullopt;
  return Text{sources_.keep(to), node.where, expanded};
}

std::optional<Text> Strings::fill(const Text& text, const Placeholder& placeholder) {
  if (text.value.find('{') == std::string_view::npos) return text;
  std::string to;
  for (std::size_t at = 0; at < text.value.size();) {
    if (text.value[at] != '{') {
      to += text.value[at++];
      continue;
    }
    const std::size_t end = text.value.find('}', at);
    const std::size_t length = end == std::string_view::npos ? 1 : end + 1 - at;
    const auto value = end == std::string_view::npos
                           ? tl::expected<std::string, std::string>(
                                 tl::unexpected(std::string("\"{\" has no closing \"}\"")))
                           : placeholder(text.value.substr(at + 1, length - 2));
    if (!value) {
      report_.add("config.string",
                  text.expanded ? text.where : inside(text.where, text.value, at, length),
                  value.error(),
                  "known here: {project}, {service}, {worktree}, {port}, {services.NAME.port}");
      return std::nullopt;
    }
    to += *value;
    at += length;
  }
  return Text{sources_.keep(to), text.where, text.expanded};
}

std::optional<std::string> Strings::look_up(const std::string& name) {
  if (environment_) {
    if (auto value = environment_(name)) return value;
  }
  if (!env_file_) read_env_file();
  const auto found = env_file_->values.find(name);
  if (found != env_file_->values.end()) return found->second;
  // A line that nobody needs is nobody's business; here it may be the one that was meant.
  report_faults(*env_file_, env_source_);
  env_file_->faults.clear();
  return std::nullopt;
}

void Strings::report_faults(const EnvFile& file, std::uint32_t source) {
  for (const EnvFile::Fault& fault : file.faults) {
    report_.add("config.env_file", Where{Spot{source, fault.line, fault.column}, 1}, fault.message,
                "write NAME=value, NAME=\"value\" or # and a comment");
  }
}

std::map<std::string, std::string> Strings::read_variables(const std::string& path) {
  auto text = read_file(path);
  if (!text) return {};
  const EnvFile file = parse_env_file(*text);
  report_faults(file, sources_.add(path, std::move(*text)));
  return {file.values.begin(), file.values.end()};
}

void Strings::read_env_file() {
  env_file_.emplace();
  auto text = read_file(env_path_);
  if (!text) {
    if (text.error().missing) return;
    report_.add_without_place("config.unreadable", sources_.printed(env_path_),
                              "cannot be read: " + text.error().why, "mend or remove the file");
    return;
  }
  env_file_ = parse_env_file(*text);
  env_source_ = sources_.add(env_path_, std::move(*text));
}

Where Strings::inside(Where whole, std::string_view value, std::size_t offset,
                      std::size_t length) const {
  const std::string_view line = sources_.line(whole.spot);
  const std::size_t begin = byte_of_column(line, whole.spot.column);
  // A string with escapes, or of several lines: its beginning has to do.
  if (begin + 1 > line.size() || (line[begin] != '"' && line[begin] != '\'') ||
      line.substr(begin + 1, offset + length) != value.substr(0, offset + length)) {
    return whole;
  }
  const std::string_view before = value.substr(0, offset);
  const auto points = std::count_if(before.begin(), before.end(), begins_code_point);
  whole.spot.column += 1 + static_cast<std::uint32_t>(points);
  whole.length = static_cast<std::uint32_t>(length);
  return whole;
}

}  // namespace devproxy
