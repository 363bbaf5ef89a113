#include "cli/edge/left_out.h"

#include <set>
#include <utility>
#include <variant>

namespace devproxy {
namespace {

std::set<std::string> with_dependencies(const Config& config, std::vector<std::string> only) {
  std::set<std::string> wanted;
  while (!only.empty()) {
    const std::string name = std::move(only.back());
    only.pop_back();
    if (!wanted.insert(name).second) continue;
    for (const Service& service : config.services) {
      const auto* const command = std::get_if<CommandTarget>(&service.target);
      if (service.name != name || command == nullptr) continue;
      only.insert(only.end(), command->depends_on.begin(), command->depends_on.end());
    }
  }
  return wanted;
}

}  // namespace

void mark_left_out(Config& config, const std::vector<std::string>& only) {
  const std::set<std::string> wanted = with_dependencies(config, only);
  for (Service& service : config.services) {
    service.left_out = std::holds_alternative<CommandTarget>(service.target) && !wanted.empty() &&
                       !wanted.contains(service.name);
  }
}

}  // namespace devproxy
