// What `setup` remembers of ports 80 and 443, in the state folder, and what follows from it: the
// listeners besides 6289. A file of words, one fact a line. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/inherited_sockets.h"
#include "base/result.h"
#include "config/config.h"
#include "config/load.h"

namespace devproxy {

/// Why this user may listen there.
enum class LowPortsWay : std::uint8_t {
  bind,          ///< it was possible all along
  sysctl,        ///< Linux: net.ipv4.ip_unprivileged_port_start
  socket_unit,   ///< systemd listens, and hands the sockets to the user's service
  launch_agent,  ///< macOS: launchd does
};
const char* word_for(LowPortsWay way);

struct LowPorts {
  LowPortsWay way = LowPortsWay::bind;
  std::uint16_t first_before = 1024;  ///< sysctl: what was there
  std::vector<std::string> files;     ///< put into the system, to be taken back
};

/// Nothing when `setup` was never run, or undone.
std::optional<LowPorts> remembered_low_ports(const std::string& state);
Result<void> remember_low_ports(const std::string& state, const LowPorts& ports);
void forget_low_ports(const std::string& state);

/// 80 and 443 on both families.
std::vector<ListenAddress> low_listeners();
/// What a request for the configuration is to add to the default listeners: low_listeners() where
/// they are remembered and ours to bind, and what was inherited.
void add_more_listeners(LoadRequest& request, std::vector<InheritedSocket> inherited = {});

}  // namespace devproxy
