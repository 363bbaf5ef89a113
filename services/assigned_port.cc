#include "services/assigned_port.h"

#include "base/hash.h"

namespace devproxy {

std::uint64_t folder_hash(std::string_view folder) {
  return fnv_1a(folder);
}

std::uint16_t preferred_port(std::string_view root, std::string_view service) {
  const std::uint64_t hash = fnv_1a(service, fnv_1a(std::string_view("\0", 1), folder_hash(root)));
  const std::uint64_t count = assigned_ports.last - assigned_ports.first + 1U;
  return static_cast<std::uint16_t>(assigned_ports.first + hash % count);
}

std::uint16_t port_after(std::uint16_t port) {
  return port >= assigned_ports.last ? assigned_ports.first : static_cast<std::uint16_t>(port + 1);
}

bool may_be_assigned(std::uint16_t port, const KernelPorts& kernel) {
  const bool covered =
      kernel.hands_out(assigned_ports.first) && kernel.hands_out(assigned_ports.last);
  return assigned_ports.contains(port) && !browsers_refuse(port) &&
         (covered || !kernel.hands_out(port));
}

}  // namespace devproxy
