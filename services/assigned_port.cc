#include "services/assigned_port.h"

namespace devproxy {
namespace {

std::uint64_t fnv_1a(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace

std::uint64_t folder_hash(std::string_view folder) {
  return fnv_1a(0xcbf29ce484222325U, folder);
}

std::uint16_t preferred_port(std::string_view root, std::string_view service) {
  std::uint64_t hash = folder_hash(root);
  hash = fnv_1a(hash, std::string_view("\0", 1));
  hash = fnv_1a(hash, service);
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
