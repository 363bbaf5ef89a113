#include "cli/service_state.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>
#include <vector>

#include "base/text.h"
#include "cli/args.h"
#include "cli/probe.h"

namespace devproxy {

ReachState reach_state(const RunningService& service) {
  ReachState state;
  state.reachable = service.completed || service.state == "ready";
  state.hopeless = !state.reachable && !service.comes;
  if (service.completed) {
    state.owner = "done";
  } else if (state.reachable) {
    state.owner = fmt::format("{} (pid {})", service.state, service.process);
  } else {
    state.why_not = service.state;
    if (!service.detail.empty()) {
      state.why_not += (service.state == "waiting" ? " for " : ": ") + service.detail;
    }
  }
  return state;
}

ReachState reach_state(const Service& service, const RunningProxy& proxy) {
  if (const RunningService* const own = find_running(proxy, service.name)) return reach_state(*own);
  ReachState state;
  if (std::holds_alternative<CommandTarget>(service.target)) {
    state.hopeless = true;
    state.why_not = "not started";
    return state;
  }
  if (std::holds_alternative<RedirectTarget>(service.target)) {
    state.reachable = true;
    return state;
  }
  for (const BackendAddress& address : probe(service.target)) {
    if (address.listening) return {true, false, address.owner, {}};
    std::string why = address.why_not;
    if (!why.empty()) why.front() = to_lower(why.front());
    state.why_not +=
        fmt::format("{}{} at {}", state.why_not.empty() ? "" : ", ", why, address.address);
  }
  return state;
}

tl::expected<const Service*, Failure> find_service(const Config& config, const std::string& name) {
  std::vector<std::string_view> known;
  for (const Service& service : config.services) {
    if (service.name == name) return &service;
    known.push_back(service.name);
  }
  return tl::unexpected(
      Failure{ExitCode::usage,
              "service.unknown",
              fmt::format("there is no service \"{}\" in {}", escape(name), escape(config.file)),
              nearest_hint(name, known, "devproxy routes lists them"),
              {}});
}

}  // namespace devproxy
