// The Linux part of port_class: sysctl net.ipv4.ip_local_port_range and its neighbours, which hold
// for IPv6 too.
#include <algorithm>

#include "base/files.h"
#include "base/port_class.h"
#include "base/text.h"

namespace devproxy {
namespace {

std::string sysctl_text(const char* name) {
  return read_file(std::string("/proc/sys/net/ipv4/") + name).value_or("");
}

}  // namespace

KernelPorts kernel_ports() {
  KernelPorts ports;
  ports.ephemeral = parse_port_range(sysctl_text("ip_local_port_range"))
                        .value_or(PortSpan{32'768, 60'999});  // the kernel's own default
  ports.reserved = parse_port_list(sysctl_text("ip_local_reserved_ports"));
  const std::string first = sysctl_text("ip_unprivileged_port_start");
  const auto number = parse_number(std::string_view(first).substr(0, first.find('\n')));
  if (number && *number <= 65'535) ports.first_unprivileged = static_cast<std::uint16_t>(*number);
  return ports;
}

}  // namespace devproxy
