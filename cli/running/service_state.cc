#include "cli/running/service_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <variant>
#include <vector>

#include "base/text.h"
#include "cli/ports/probe.h"
#include "cli/running/config_in_force.h"

namespace devproxy {

namespace {

/// It is where its program listens that it is alive, not where the program runs.
bool is_deaf(const CommandTarget& command) {
  const bool listens =
      command.ready.when == ReadyWhen::listening || command.ready.when == ReadyWhen::http;
  if (!listens) return false;
  const auto addresses = probe(command);
  return std::none_of(addresses.begin(), addresses.end(),
                      [](const BackendAddress& address) { return address.listening; });
}

/// `command` may be null: then what it says of itself is believed.
ReachState own_state(const RunningService& service, const CommandTarget* command) {
  ReachState state;
  state.reachable = service.completed || service.state == "ready";
  state.hopeless = !state.reachable && !service.comes;
  if (service.completed) {
    state.owner = "done";
  } else if (state.reachable) {
    state.owner = fmt::format("{} (pid {})", service.state, service.process);
    if (service.listens_on != 0)
      state.owner += fmt::format(", listens on {} instead of {}", service.listens_on, service.port);
    CommandTarget running = command == nullptr ? CommandTarget{} : *command;
    running.port = service.port;
    running.listens_on = service.listens_on;
    if (command != nullptr && is_deaf(running)) {
      state.reachable = false;
      state.why_not =
          fmt::format("its program runs (pid {}), but nothing listens on port {}", service.process,
                      service.listens_on != 0 ? service.listens_on : service.port);
      state.owner.clear();
    }
  } else {
    state.why_not = service.state;
    if (!service.detail.empty()) {
      state.why_not += (service.state == "waiting" ? " for " : ": ") + service.detail;
    }
  }
  return state;
}

}  // namespace

ReachState reach_state(const RunningService& service) {
  return own_state(service, nullptr);
}

namespace {

ReachState state_here(const Service& service, const RunningProxy& proxy) {
  if (const RunningService* const own = find_running(proxy, service.name))
    return own_state(*own, std::get_if<CommandTarget>(&service.target));
  ReachState state;
  if (std::holds_alternative<CommandTarget>(service.target)) {
    state.hopeless = true;
    state.why_not = "not started";
    return state;
  }
  if (const FollowedService* const followed = find_followed(proxy, service.name)) {
    return {followed->port != 0, false, followed->owner, followed->why_not};
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

}  // namespace

ReachState reach_state(const Service& service, const RunningProxy& proxy) {
  const Fallback* const fallback = find_fallback(proxy.fallbacks, service.name);
  if (fallback == nullptr) return state_here(service, proxy);
  Config alone;
  alone.services = {service};
  show_running(alone, proxy);
  ReachState state = state_here(alone.services.front(), proxy);
  std::string& words = state.reachable ? state.owner : state.why_not;
  words = fmt::format("falls back to {} of the main checkout{}{}", fallback->of,
                      words.empty() ? "" : ": ", words);
  return state;
}

tl::expected<const Service*, Failure> find_service(const Config& config, const std::string& name) {
  std::vector<std::string_view> known;
  for (const Service& service : config.services) {
    if (service.name == name) return &service;
    known.push_back(service.name);
  }
  return tl::unexpected(Failure{
      ExitCode::usage,
      "service.unknown",
      fmt::format("there is no service \"{}\" in {}", escape(name), escape_own(config.file)),
      nearest_hint(name, known, "devproxy routes lists them"),
      {}});
}

}  // namespace devproxy
