#include "cli/project/followed_places.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <variant>

#include "cli/terminal/environment.h"

namespace devproxy {

std::vector<FollowRule> follow_rules(const Config& config) {
  std::vector<FollowRule> rules;
  for (const Service& service : config.services) {
    if (const auto* const target = std::get_if<FollowTarget>(&service.target))
      rules.push_back({service.name, *target});
  }
  return rules;
}

EngineSockets own_engines() {
  return engine_sockets([](const std::string& name) { return environment(name); });
}

std::string found_words(const Found& found) {
  return found.reason.empty() ? found.owner : fmt::format("{}; {}", found.owner, found.reason);
}

void show_followed(Config& config) {
  const std::vector<FollowRule> rules = follow_rules(config);
  if (rules.empty()) return;
  const std::vector<FollowState> states = look_once(rules, own_engines());
  std::size_t next = 0;
  for (Service& service : config.services) {
    auto* const target = std::get_if<FollowTarget>(&service.target);
    if (target == nullptr) continue;
    const FollowState& state = states[next++];
    target->found = state.found ? state.found->place.port : std::uint16_t{0};
    target->found_text = state.found ? found_words(*state.found) : state.why_not;
  }
}

}  // namespace devproxy
