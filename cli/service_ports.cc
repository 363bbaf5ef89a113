#include "cli/service_ports.h"

#include <utility>
#include <variant>

#include "base/dirs.h"

namespace devproxy {

Problems give_ports(Config& config, PortBook& book) {
  Problems problems;
  for (Service& service : config.services) {
    auto* const command = std::get_if<CommandTarget>(&service.target);
    if (command == nullptr) continue;
    const auto port = book.assign(service.name);
    if (port) {
      command->port = *port;
    } else {
      problems.push_back({"service.port", service.at, port.error().detail, "", "", 1});
    }
  }
  return problems;
}

void show_ports(Config& config) {
  const auto dirs = find_dirs();
  if (!dirs) return;
  const RememberedPorts remembered = RememberedPorts::read(dirs->state);
  const std::string root = real_path(config.root);
  for (Service& service : config.services) {
    if (auto* const command = std::get_if<CommandTarget>(&service.target))
      command->port = remembered.find(root, service.name).value_or(0);
  }
}

}  // namespace devproxy
