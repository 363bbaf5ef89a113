// `devproxy logs`.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"
#include "cli/running/service_state.h"
#include "services/output_lines.h"

namespace devproxy {
namespace {

std::size_t width_of(const Config& config, const std::string& only) {
  std::size_t width = 0;
  for (const Service& service : config.services) {
    if (only.empty() || service.name == only) width = std::max(width, service.name.size());
  }
  return width;
}

/// "web  | ready in 312 ms"
std::string words_of(const std::string& event, std::size_t width, const Console& console) {
  const auto json = parse_json(event);
  if (!json.is_object()) return escape(event) + "\n";
  const std::string line = json.value("line", "");
  const std::string label = fmt::format("{:<{}} |", json.value("service", ""), width);
  const std::string shown = console.colour     ? visible_text(line) + "\x1B[0m"
                            : console.terminal ? plain_text(line)
                                               : escape(plain_text(line));
  return fmt::format("{} {}\n", paint(label, Colour::dim, console.colour), shown);
}

}  // namespace

Outcome run_logs(const Invocation& invocation, const Console& console) {
  const auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  const std::string& service = invocation.argument;
  if (!service.empty()) {
    if (const auto found = find_service(*config, service); !found)
      return tl::unexpected(found.error());
  }
  auto proxy = find_proxy_of(config->file);
  if (!proxy) return tl::unexpected(not_running(config->file));
  const std::size_t width = width_of(*config, service);
  const ControlCall call{"logs",
                         {{"service", service},
                          {"lines", std::to_string(invocation.lines)},
                          {"follow", invocation.follow ? "true" : "false"}}};
  bool reader_is_gone = false;
  const auto answer = ask(*proxy, call, no_limit, [&](const std::string& event) {
    reader_is_gone = !write_out(invocation.json ? event + "\n" : words_of(event, width, console));
    return !reader_is_gone;
  });
  if (!answer && !reader_is_gone) return tl::unexpected(answer.error());
  return ExitCode::done;
}

}  // namespace devproxy
