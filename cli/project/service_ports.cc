#include "cli/project/service_ports.h"

#include <cstdint>
#include <set>
#include <utility>
#include <variant>

#include "base/dirs.h"

namespace devproxy {

namespace {

/// Ports that the file gives away itself, whether somebody listens there now or not.
std::set<std::uint16_t> named_ports(const Config& config) {
  std::set<std::uint16_t> ports;
  for (const ListenAddress& address : config.proxy.listen) ports.insert(address.port);
  for (const Service& service : config.services) {
    if (const auto* const port = std::get_if<PortTarget>(&service.target)) ports.insert(port->port);
    if (const auto* const url = std::get_if<UrlTarget>(&service.target)) ports.insert(url->port);
  }
  return ports;
}

}  // namespace

Problems give_ports(Config& config, PortBook& book) {
  const std::set<std::uint16_t> named = named_ports(config);
  Problems problems;
  for (Service& service : config.services) {
    auto* const command = std::get_if<CommandTarget>(&service.target);
    if (command == nullptr) continue;
    const auto port = book.assign(service.name, named);
    if (port) {
      command->port = *port;
    } else {
      const bool denied = port.error().code == Code::denied;
      problems.push_back(
          {denied ? "service.denied" : "service.port", service.at, port.error().detail, "", "", 1});
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
