// Whether ports 80 and 443 can be had, found out by really binding them for a moment. Blocking,
// milliseconds; main thread of a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/port_owner.h"
#include "cli/running/running_proxy.h"

namespace devproxy {

enum class PortState : std::uint8_t {
  possible,  ///< it was bound, and given back
  ours,      ///< a devproxy of this user listens there
  denied,    ///< it needs a privilege
  taken,
  missing  ///< the system does not have this family
};

struct PortTrial {
  std::string host;
  std::uint16_t port = 0;
  PortState state = PortState::missing;
  std::optional<PortOwner> owner;  ///< who listens there, whether it is denied or taken
};

/// `own`: the proxies that run.
PortTrial try_port(const std::string& host, std::uint16_t port,
                   const std::vector<RunningProxy>& own);
/// 80 and 443 on both families.
std::vector<PortTrial> try_low_ports(const std::vector<RunningProxy>& own);

/// Somebody accepts connections there.
bool accepts(const std::string& host, std::uint16_t port);

/// "127.0.0.1:443"
std::string address_of(const PortTrial& trial);
/// Somebody else's, so that devproxy cannot have it whatever its privileges.
bool is_taken(const PortTrial& trial);

}  // namespace devproxy
