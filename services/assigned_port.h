// Which port a service is given first: always the same one for the same folder and service, where
// neither the kernel nor a browser gets in the way. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/port_class.h"

namespace devproxy {

/// Above what servers have by habit, below every system's usual ephemeral range.
inline constexpr PortSpan assigned_ports{20'000, 29'999};

/// The port that a service would like: a hash (FNV-1a) of the project's folder and its name, in
/// assigned_ports.
std::uint16_t preferred_port(std::string_view root, std::string_view service);

/// FNV-1a, 64 bits.
std::uint64_t folder_hash(std::string_view folder);

/// The next one to try, round and round in assigned_ports.
std::uint16_t port_after(std::uint16_t port);

/// The kernel's ephemeral range may cover all of assigned_ports on an unusual system; then it is
/// no reason.
bool may_be_assigned(std::uint16_t port, const KernelPorts& kernel);

}  // namespace devproxy
