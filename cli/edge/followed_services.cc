#include "cli/edge/followed_services.h"

#include <fmt/format.h>

#include <utility>

#include "cli/project/followed_places.h"

namespace devproxy {

FollowedServices::FollowedServices(Loop& loop, ListenerScan& scan, Reporter& reporter,
                                   ProxyTold told)
    : proxy_told_(std::move(told)),
      reporter_(reporter),
      follower_(loop, scan, own_engines(), [this](const FollowState& state) { on_moved(state); }) {}

void FollowedServices::apply(const Config& config) {
  std::vector<FollowRule> rules = follow_rules(config);
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
                                       found_words(*state.found)));
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
      service.owner = found_words(*state.found);
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
                                   state->found->place.port, found_words(*state->found))
                     : fmt::format("It is followed, and is nowhere: {}.", state->why_not);
  return tale;
}

}  // namespace devproxy
