#include "cli/config_in_force.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "cli/project_form.h"
#include "cli/time_text.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds patience{5'000};

}  // namespace

std::optional<Config> rolled_back_config(FoundProxy& found) {
  if (!found.facts.rolled_back) return std::nullopt;
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

}  // namespace devproxy
