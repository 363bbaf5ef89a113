#include <sys/sysctl.h>
#include <sys/types.h>

#include "services/assignable_port.h"

namespace devproxy {
namespace {

std::uint16_t port_setting(const char* name, std::uint16_t usual) {
  int value = 0;
  std::size_t size = sizeof value;
  if (sysctlbyname(name, &value, &size, nullptr, 0) != 0 || value <= 0 || value > 65535)
    return usual;
  return static_cast<std::uint16_t>(value);
}

}  // namespace

PortRange ephemeral_ports() {
  return {port_setting("net.inet.ip.portrange.first", 49152),
          port_setting("net.inet.ip.portrange.last", 65535)};
}

}  // namespace devproxy
