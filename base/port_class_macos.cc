// The macOS part of port_class: sysctl net.inet.ip.portrange.
#include <sys/sysctl.h>

#include "base/port_class.h"

namespace devproxy {
namespace {

std::uint16_t sysctl_port(const char* name, std::uint16_t otherwise) {
  int value = 0;
  std::size_t size = sizeof value;
  if (sysctlbyname(name, &value, &size, nullptr, 0) != 0 || value < 0 || value > 65'535)
    return otherwise;
  return static_cast<std::uint16_t>(value);
}

}  // namespace

KernelPorts kernel_ports() {
  KernelPorts ports;
  ports.ephemeral.first = sysctl_port("net.inet.ip.portrange.first", ports.ephemeral.first);
  ports.ephemeral.last = sysctl_port("net.inet.ip.portrange.last", ports.ephemeral.last);
  return ports;
}

}  // namespace devproxy
