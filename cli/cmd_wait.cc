#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/find_proxy.h"
#include "cli/project.h"
#include "cli/service_state.h"

namespace devproxy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_between{100};

/// Why it is not time yet; empty: everything is there.
std::string missing_yet(const Config& config, const std::vector<const Service*>& wanted) {
  if (!find_proxy_of(config.file)) return "no devproxy is running with " + shown_path(config.file);
  for (const Service* service : wanted) {
    const ServiceState state = service_state(*service);
    if (!state.reachable)
      return fmt::format("{} cannot be reached: {}", service->name, state.why_not);
  }
  return {};
}

}  // namespace

Outcome run_wait(const Invocation& invocation, const Console& /*console*/) {
  const auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  std::vector<const Service*> wanted;
  if (invocation.argument.empty()) {
    for (const Service& service : config->services) wanted.push_back(&service);
  } else {
    const auto service = find_service(*config, invocation.argument);
    if (!service) return tl::unexpected(service.error());
    wanted.push_back(*service);
  }
  const Clock::time_point began = Clock::now();
  for (;;) {
    const std::string missing = missing_yet(*config, wanted);
    const auto waited = Clock::now() - began;
    if (missing.empty()) {
      if (!invocation.json) return ExitCode::done;
      nlohmann::ordered_json json;
      json["schema"] = "devproxy.wait/v1";
      json["milliseconds"] = std::chrono::duration_cast<std::chrono::milliseconds>(waited).count();
      write_out(json.dump() + "\n");
      return ExitCode::done;
    }
    if (waited >= invocation.timeout) {
      return tl::unexpected(Failure{
          ExitCode::timed_out,
          "wait.timed_out",
          fmt::format("waited {} s: {}",
                      std::chrono::duration_cast<std::chrono::seconds>(invocation.timeout).count(),
                      escape(missing)),
          "devproxy status shows what runs; --timeout 5m waits longer",
          {}});
    }
    std::this_thread::sleep_for(pause_between);
  }
}

}  // namespace devproxy
