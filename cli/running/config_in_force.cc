#include "cli/running/config_in_force.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <variant>

#include "cli/project/followed_places.h"
#include "cli/running/project_form.h"
#include "cli/terminal/time_text.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds patience{5'000};

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

}  // namespace

std::optional<Config> config_in_force(FoundProxy& found) {
  const bool is_file = !found.facts.rolled_back && found.facts.invalid_file.empty();
  if (is_file) return std::nullopt;
  const auto answer = ask(found, {"project", {}}, patience);
  auto config = answer ? read_project(*answer) : tl::unexpected(Error());
  if (!config) return std::nullopt;
  config->worktree.label = found.facts.worktree;
  config->worktree.origin = found.facts.worktree_origin;
  return std::move(*config);
}

std::string rolled_back_text(const RunningProxy& proxy) {
  if (!proxy.rolled_back) return "";
  return fmt::format(
      "runs generation {} of {}, not the file: devproxy rollback asked for it; devproxy reload "
      "takes the file again",
      proxy.generation, time_text(static_cast<std::time_t>(proxy.generation_since)));
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
