#include "cli/doctor/ports.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/assigned_port.h"

namespace devproxy {
namespace {

Health health_of(const PortConflict& conflict) {
  return conflict.code == "taken" || conflict.code == "refused_by_browsers" ? Health::problem
                                                                            : Health::warning;
}

bool hands_out_assigned(const KernelPorts& kernel) {
  for (std::uint16_t port = assigned_ports.first; port <= assigned_ports.last; ++port) {
    if (kernel.hands_out(port)) return true;
  }
  return false;
}

/// A service of the file that the whole network reaches.
void check_exposed(const PortReport& report, Diagnoses& found) {
  std::vector<std::string> exposed;
  for (const PortRow& row : report.rows) {
    if (row.service.empty() || row.is_loopback()) continue;
    std::string words = fmt::format("{} ({})", row.service, row.address());
    if (std::find(exposed.begin(), exposed.end(), words) == exposed.end())
      exposed.push_back(std::move(words));
  }
  if (exposed.empty()) return;
  found.push_back(
      {Health::warning, "ports", "ports.exposed",
       fmt::format("other machines reach {} past the proxy, unless a firewall is in "
                   "the way",
                   list_text(exposed)),
       "let the server listen on 127.0.0.1 (--host 127.0.0.1): devproxy needs no more"});
}

}  // namespace

Diagnoses check_ports(const PortReport& report) {
  Diagnoses found;
  for (const PortConflict& conflict : report.conflicts) {
    found.push_back(
        {health_of(conflict), "ports", "ports." + conflict.code, conflict.message, conflict.hint});
  }
  check_exposed(report, found);
  if (hands_out_assigned(report.kernel)) {
    found.push_back(
        {Health::warning, "ports", "ports.ephemeral_range",
         fmt::format("the kernel takes {}-{} for outgoing connections, among them ports that "
                     "devproxy gives to services ({}-{})",
                     report.kernel.ephemeral.first, report.kernel.ephemeral.last,
                     assigned_ports.first, assigned_ports.last),
         fmt::format("sudo sysctl net.ipv4.ip_local_reserved_ports={}-{}", assigned_ports.first,
                     assigned_ports.last)});
  }
  if (!found.empty()) return found;
  return {{Health::ok, "ports", "ports.fine",
           fmt::format("nothing is in the way; outgoing connections use {}-{}, services get "
                       "{}-{}",
                       report.kernel.ephemeral.first, report.kernel.ephemeral.last,
                       assigned_ports.first, assigned_ports.last),
           ""}};
}

}  // namespace devproxy
