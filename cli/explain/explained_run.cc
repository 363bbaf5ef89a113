#include "cli/explain/explained_run.h"

#include <utility>
#include <variant>

#include "base/json.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds patience{2'000};
constexpr const char* shown_requests = "10";
constexpr const char* shown_lines = "8";

std::vector<std::string> last_lines(FoundProxy& proxy, const std::string& service) {
  std::vector<std::string> lines;
  const ControlCall call{"logs", {{"service", service}, {"lines", shown_lines}}};
  (void)ask(proxy, call, patience, [&lines](const std::string& event) {
    const auto json = parse_json(event);
    if (json.is_object()) lines.push_back(json.value("line", ""));
    return true;
  });
  return lines;
}

}  // namespace

ExplainedRun explain_run(const Explanation& explanation, FoundProxy& proxy) {
  ExplainedRun run;
  run.pid = proxy.facts.pid;
  run.invalid_file = proxy.facts.invalid_file;
  const ExplainedRoute* const route = explanation.winner();
  const std::string service = route == nullptr ? "" : route->service;
  if (const RunningService* const own = find_running(proxy.facts, service)) {
    run.service = *own;
    run.last_lines = last_lines(proxy, service);
  }
  const auto answer =
      ask(proxy,
          {"requests",
           {{"service", service}, {"host", explanation.asked.host}, {"count", shown_requests}}},
          patience);
  if (!answer) return run;
  if (auto requests = read_requests_answer(*answer)) {
    run.measures = requests->measured;
    run.requests = std::move(requests->requests);
  }
  return run;
}

}  // namespace devproxy
