// Which port a service is given first: always the same one for the same folder and service, where
// neither the kernel nor a browser gets in the way. Pure but for ephemeral_ports(); any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace devproxy {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  bool has(std::uint16_t port) const { return port >= first && port <= last; }
};

/// Above what servers have by habit, below every system's usual ephemeral range.
inline constexpr PortRange assigned_ports{20000, 29999};

/// The ports that the kernel gives to outgoing connections: a server's port in it may be taken at
/// any moment.
PortRange ephemeral_ports();

/// A "bad port" of the Fetch standard: no browser connects to it.
bool is_refused_by_browsers(std::uint16_t port);

/// The port that a service would like: a hash (FNV-1a) of the project's folder and its name, in
/// assigned_ports.
std::uint16_t preferred_port(std::string_view root, std::string_view service);

/// FNV-1a, 64 bits.
std::uint64_t folder_hash(std::string_view folder);

/// The next one to try, round and round in assigned_ports.
std::uint16_t port_after(std::uint16_t port);

/// `ephemeral` may cover all of assigned_ports on an unusual system; then it is no reason.
bool may_be_assigned(std::uint16_t port, PortRange ephemeral);

}  // namespace devproxy
