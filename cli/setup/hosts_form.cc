#include "cli/setup/hosts_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/text.h"

namespace devproxy {
namespace {

/// Without the carriage return of "\r\n": how a line ends is not what it says.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  for (std::string_view& line : lines) {
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return lines;
}

/// The lines of `text` that `other` has fewer of, each behind `sign`.
std::string more_lines(std::string_view text, std::string_view other, std::string_view sign) {
  std::map<std::string_view, int> count;
  for (const std::string_view line : lines_of(other)) ++count[line];
  std::string result;
  for (const std::string_view line : lines_of(text)) {
    if (count[line]-- > 0 || line.empty()) continue;
    result += fmt::format("{} {}\n", sign, escape(trim(line)));
  }
  return result;
}

}  // namespace

std::string hosts_form(const HostsOutcome& outcome) {
  Json json;
  json["schema"] = "devproxy.hosts/v1";
  json["action"] = outcome.action;
  json["file"] = outcome.file;
  json["dry_run"] = outcome.dry_run;
  json["changed"] = outcome.changed;
  json["written"] = outcome.written;
  json["projects"] = Json::array();
  for (const HostsProject& project : outcome.projects) {
    json["projects"].push_back(
        Json{{"project", project.name}, {"config", project.file}, {"names", project.names}});
  }
  json["left_out"] = Json::array();
  for (const LeftOutName& name : outcome.left_out)
    json["left_out"].push_back(Json{{"name", name.name}, {"why", name.why}});
  json["block"] = hosts_block(outcome.projects);
  // Null: nothing is left to do.
  json["command"] = outcome.command.empty() ? Json() : Json(shell_quoted(outcome.command));
  return json_line(json);
}

std::string dns_form(const std::vector<std::string>& domains, std::uint16_t port, bool is_on,
                     const std::vector<ResolverSnippet>& snippets) {
  Json json;
  json["schema"] = "devproxy.hosts_dns/v1";
  json["domains"] = domains;
  json["port"] = port;
  json["configured"] = is_on;
  json["snippets"] = Json::array();
  for (const ResolverSnippet& snippet : snippets) {
    json["snippets"].push_back(Json{{"system", snippet.system},
                                    {"path", snippet.path},
                                    {"text", snippet.text},
                                    {"then", snippet.then}});
  }
  return json_line(json);
}

std::string changed_lines(std::string_view before, std::string_view after) {
  return more_lines(before, after, "-") + more_lines(after, before, "+");
}

}  // namespace devproxy
