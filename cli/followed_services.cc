#include "cli/followed_services.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "cli/environment.h"

namespace devproxy {
namespace {

EngineSockets engines() {
  return engine_sockets([](const std::string& name) { return environment(name); });
}

std::vector<FollowRule> rules_of(const Config& config) {
  std::vector<FollowRule> rules;
  for (const Service& service : config.services) {
    if (const auto* const target = std::get_if<FollowTarget>(&service.target))
      rules.push_back({service.name, *target});
  }
  return rules;
}

/// "node (pid 4312)", with the choice where there was one.
std::string words_of(const Found& found) {
  return found.reason.empty() ? found.owner : fmt::format("{}; {}", found.owner, found.reason);
}

}  // namespace

FollowedServices::FollowedServices(Loop& loop, ListenerScan& scan, Reporter& reporter,
                                   ProxyTold told)
    : proxy_told_(std::move(told)),
      reporter_(reporter),
      follower_(loop, scan, engines(), [this](const FollowState& state) { on_moved(state); }) {}

void FollowedServices::apply(const Config& config) {
  std::vector<FollowRule> rules = rules_of(config);
  targets_.clear();
  for (const FollowRule& rule : rules) {
    targets_.emplace(rule.service, rule.target);
    if (rule.target.found) told_[rule.service] = *rule.target.found;
  }
  std::erase_if(told_, [this](const auto& each) { return !targets_.contains(each.first); });
  follower_.apply(std::move(rules));
  // The proxy may have forgotten what did not change for us.
  tell_all();
}

void FollowedServices::tell_all() const {
  for (const FollowState& state : follower_.states()) {
    if (state.found) proxy_told_.move(targets_.at(state.service), state.found->place);
    if (const auto tale = tell_of(state.service)) proxy_told_.tell(state.service, 0, *tale);
  }
}

void FollowedServices::on_moved(const FollowState& state) {
  const auto target = targets_.find(state.service);
  if (target == targets_.end()) return;
  proxy_told_.move(target->second, state.found ? std::optional(state.found->place) : std::nullopt);
  if (const auto tale = tell_of(state.service)) proxy_told_.tell(state.service, 0, *tale);
  const std::uint16_t port = state.found ? state.found->place.port : 0;
  const auto told = told_.find(state.service);
  if (told != told_.end() && told->second == port) return;
  const bool is_first = told == told_.end();
  told_[state.service] = port;
  if (state.found) {
    reporter_.service_note(state.service,
                           fmt::format("{} on port {}: {}", is_first ? "listens" : "is found", port,
                                       words_of(*state.found)));
  } else {
    reporter_.service_note(
        state.service, fmt::format("{}: {}", is_first ? "is not found" : "is gone", state.why_not));
  }
}

std::vector<FollowedService> FollowedServices::states() const {
  std::vector<FollowedService> all;
  for (const FollowState& state : follower_.states()) {
    FollowedService service;
    service.name = state.service;
    if (state.found) {
      service.port = state.found->place.port;
      service.process = state.found->pid;
      service.owner = words_of(*state.found);
    }
    service.why_not = state.why_not;
    all.push_back(std::move(service));
  }
  return all;
}

std::optional<ServiceTale> FollowedServices::tell_of(std::string_view service) const {
  const auto state = follower_.state(service);
  if (!state) return std::nullopt;
  ServiceTale tale;
  tale.missing = state->found
                     ? fmt::format("It was found on port {}, {}, and refuses connections there.",
                                   state->found->place.port, words_of(*state->found))
                     : fmt::format("It is followed, and is nowhere: {}.", state->why_not);
  return tale;
}

void show_followed(Config& config) {
  const std::vector<FollowRule> rules = rules_of(config);
  if (rules.empty()) return;
  const std::vector<FollowState> states = look_once(rules, engines());
  std::size_t next = 0;
  for (Service& service : config.services) {
    auto* const target = std::get_if<FollowTarget>(&service.target);
    if (target == nullptr) continue;
    const FollowState& state = states[next++];
    target->found = state.found ? state.found->place.port : std::uint16_t{0};
    target->found_text = state.found ? words_of(*state.found) : state.why_not;
  }
}

/// Where the main checkout's service is that answers for one of ours.
void show_fallback(Service& service, const Fallback& fallback) {
  service.target = fallback.target;
  service.fallback = fallback.of;
  if (!std::holds_alternative<FollowTarget>(service.target)) return;
  Config alone;
  alone.services = {service};
  show_followed(alone);
  service = std::move(alone.services.front());
}

void show_running(Config& config, const RunningProxy& proxy) {
  // Only requests fall back: nobody listens there meanwhile.
  std::erase_if(config.tcp, [&](const TcpPort& tcp) {
    return find_fallback(proxy.fallbacks, tcp.service) != nullptr;
  });
  for (Service& service : config.services) {
    if (const Fallback* const fallback = find_fallback(proxy.fallbacks, service.name)) {
      show_fallback(service, *fallback);
      continue;
    }
    if (auto* const command = std::get_if<CommandTarget>(&service.target)) {
      const RunningService* const own = find_running(proxy, service.name);
      if (own == nullptr || own->port == 0) continue;
      command->port = own->port;
      command->listens_on = own->listens_on;
    }
    if (auto* const follow = std::get_if<FollowTarget>(&service.target)) {
      const FollowedService* const followed = find_followed(proxy, service.name);
      if (followed == nullptr) continue;
      follow->found = followed->port;
      follow->found_text = followed->port == 0 ? followed->why_not : followed->owner;
    }
  }
}

}  // namespace devproxy
