// `devproxy reload`.
#include <fmt/format.h>

#include <chrono>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"

namespace devproxy {
namespace {

std::string changes_text(const std::string& json, bool colour) {
  const auto answer = parse_json(json);
  std::string text;
  if (answer.is_object() && answer.contains("changes") && answer["changes"].is_array()) {
    for (const auto& change : answer["changes"]) {
      if (change.is_string())
        text += paint_change(escape(change.get<std::string>()), colour) + "\n";
    }
  }
  return text.empty() ? "reloaded; nothing changed\n" : text;
}

}  // namespace

Outcome run_reload(const Invocation& invocation, const Console& console) {
  const auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  auto proxy = find_proxy_of(config->file);
  if (!proxy) return tl::unexpected(not_running(config->file));
  const auto answer = ask(*proxy, {"reload", {}}, reload_patience);
  if (!answer) return tl::unexpected(answer.error());
  write_out(invocation.json ? *answer + "\n" : changes_text(*answer, console.colour));
  return ExitCode::done;
}

}  // namespace devproxy
