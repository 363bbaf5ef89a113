// `devproxy restart`.
#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"
#include "cli/running/service_state.h"

namespace devproxy {
namespace {

std::string words_of(const std::string& answer) {
  const auto json = parse_json(answer);
  if (!json.is_object()) return answer;
  return fmt::format("{} is {} after {:.1f} s, pid {}, port {}", json.value("service", "it"),
                     json.value("state", "restarted"),
                     static_cast<double>(json.value("milliseconds", 0)) / 1e3, json.value("pid", 0),
                     json.value("port", 0));
}

}  // namespace

Outcome run_restart(const Invocation& invocation, const Console& /*console*/) {
  const auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  for (const std::string& name : invocation.services) {
    if (const auto service = find_service(*config, name); !service)
      return tl::unexpected(service.error());
  }
  auto proxy = find_proxy_of(config->file);
  if (!proxy) return tl::unexpected(not_running(config->file));
  for (const std::string& name : invocation.services) {
    const auto answer = ask(*proxy, {"restart", {{"service", name}}}, no_limit);
    if (!answer) return tl::unexpected(answer.error());
    write_out((invocation.json ? *answer : escape(words_of(*answer))) + "\n");
  }
  return ExitCode::done;
}

}  // namespace devproxy
