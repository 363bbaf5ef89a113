// `devproxy wait`.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"
#include "cli/running/service_state.h"

namespace devproxy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_between{100};

struct Missing {
  std::string why;        ///< it is not time yet; empty: everything is there
  bool hopeless = false;  ///< waiting will not help
  std::string service;
};

Missing missing_yet(const Config& config, const std::vector<const Service*>& wanted) {
  const auto proxy = find_proxy_of(config.file);
  if (!proxy) return {"no devproxy is running with " + shown_path(config.file), false, ""};
  for (const Service* service : wanted) {
    const ReachState state = reach_state(*service, proxy->facts);
    if (!state.reachable) {
      return {fmt::format("{} cannot be reached: {}", service->name, state.why_not), state.hopeless,
              service->name};
    }
  }
  return {};
}

tl::expected<std::vector<const Service*>, Failure> wanted_services(
    const Config& config, const std::vector<std::string>& names) {
  std::vector<const Service*> wanted;
  for (const std::string& name : names) {
    const auto service = find_service(config, name);
    if (!service) return tl::unexpected(service.error());
    wanted.push_back(*service);
  }
  if (names.empty()) {
    for (const Service& service : config.services) wanted.push_back(&service);
  }
  return wanted;
}

Outcome print_waited(const Invocation& invocation, Clock::duration waited) {
  if (!invocation.json) return ExitCode::done;
  Json json;
  json["schema"] = "devproxy.wait/v1";
  json["milliseconds"] = std::chrono::duration_cast<std::chrono::milliseconds>(waited).count();
  write_out(json_line(json) + "\n");
  return ExitCode::done;
}

}  // namespace

Outcome run_wait(const Invocation& invocation, const Console& /*console*/) {
  const auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  const auto wanted = wanted_services(*config, invocation.services);
  if (!wanted) return tl::unexpected(wanted.error());
  const Clock::time_point began = Clock::now();
  for (;;) {
    const Missing missing = missing_yet(*config, *wanted);
    const auto waited = Clock::now() - began;
    if (missing.why.empty()) return print_waited(invocation, waited);
    if (missing.hopeless) {
      return tl::unexpected(
          Failure{ExitCode::not_running,
                  "wait.hopeless",
                  escape(missing.why),
                  fmt::format("devproxy logs {0} shows why; devproxy restart {0} tries again",
                              missing.service),
                  {}});
    }
    if (waited >= invocation.timeout) {
      return tl::unexpected(Failure{
          ExitCode::timed_out,
          "wait.timed_out",
          fmt::format("waited {} s: {}",
                      std::chrono::duration_cast<std::chrono::seconds>(invocation.timeout).count(),
                      escape(missing.why)),
          "devproxy status shows what runs; --timeout 5m waits longer",
          {}});
    }
    std::this_thread::sleep_for(pause_between);
  }
}

}  // namespace devproxy
