#include "cli/attach/fallbacks.h"

#include <algorithm>
#include <variant>

namespace devproxy {

const CarriedProject* main_checkout_of(const Config& project,
                                       const std::vector<CarriedProject>& projects) {
  if (!project.worktree.renames()) return nullptr;
  const auto found =
      std::find_if(projects.begin(), projects.end(), [&](const CarriedProject& other) {
        return other.config->project == project.project && !other.config->worktree.renames() &&
               other.config->worktree.family == project.worktree.family;
      });
  return found == projects.end() ? nullptr : &*found;
}

std::vector<Fallback> fallbacks_of(const Config& project,
                                   const std::vector<CarriedProject>& projects) {
  std::vector<Fallback> fallbacks;
  const auto is_left_out = [](const Service& service) { return service.left_out; };
  if (std::none_of(project.services.begin(), project.services.end(), is_left_out)) return fallbacks;
  const CarriedProject* const main = main_checkout_of(project, projects);
  if (main == nullptr) return fallbacks;
  for (const Service& service : project.services) {
    if (!service.left_out) continue;
    for (const Service& there : main->config->services) {
      // What is not run there either, or only sends elsewhere, is no answer.
      if (there.name != service.name || there.left_out ||
          std::holds_alternative<RedirectTarget>(there.target))
        continue;
      fallbacks.push_back({service.name, main->config->project + "/" + there.name, there.target});
    }
  }
  return fallbacks;
}

}  // namespace devproxy
