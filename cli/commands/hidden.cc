#include "cli/commands/hidden.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "cli/command_line/invocation.h"
#include "cli/command_line/man_page.h"
#include "cli/command_line/reference_page.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"
#include "cli/terminal/console.h"
#include "cli/terminal/environment.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// A shell that completes is waited for by a person.
constexpr std::chrono::milliseconds completion_patience{20};

/// The file that an unfinished command line names; the words are as they were typed.
std::optional<std::string> config_file_in(const std::vector<std::string>& words) {
  constexpr std::string_view joined = "--config=";
  std::optional<std::string> file;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i].starts_with(joined)) file = words[i].substr(joined.size());
    if (words[i] != "-c" && words[i] != "--config") continue;
    if (++i < words.size() && words[i] == "=") ++i;  // bash makes a word of it
    if (i < words.size()) file = words[i];
  }
  if (file && file->starts_with("~/")) file = environment("HOME").value_or("") + file->substr(1);
  return file;
}

std::vector<std::string> names_from_proxy(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const FoundProxy& proxy : find_proxies(completion_patience)) {
    if (std::find(files.begin(), files.end(), proxy.facts.file) == files.end()) continue;
    for (const RunningService& service : proxy.facts.services) names.push_back(service.name);
    for (const FollowedService& service : proxy.facts.followed) names.push_back(service.name);
  }
  // Shells expand what they are offered: nothing but names may come from another process.
  std::erase_if(names, [](const std::string& name) { return !is_label(name); });
  return names;
}

}  // namespace

std::vector<std::string> service_names(const std::vector<std::string>& words) {
  Invocation invocation;
  invocation.config_file = config_file_in(words);
  const LoadOutcome outcome = load(load_request(invocation));
  if (!outcome.result) return names_from_proxy(outcome.files);
  std::vector<std::string> names;
  for (const Service& service : outcome.result->services) names.push_back(service.name);
  return names;
}

std::optional<int> run_hidden(int argc, const char* const* argv) {
  if (argc < 2) return std::nullopt;
  const std::string_view command = argv[1];
  const std::string_view what = argc > 2 ? argv[2] : "";
  if (command == "__complete") {
    std::string text;
    if (what == "services") {
      for (const std::string& name : service_names({argv + 3, argv + argc})) text += name + "\n";
    }
    write_out(text);
    return 0;
  }
  if (command == "__reference") {
    write_out(reference_page());
    return 0;
  }
  if (command != "__man") return std::nullopt;
  if (what != program_page_name && what != file_page_name) return 2;
  write_out(what == program_page_name ? program_page() : file_page());
  return 0;
}

}  // namespace devproxy
