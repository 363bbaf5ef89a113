// A port that a new server can have: nobody listens on it, on any address of either family. Asks by
// binding, for a moment. Blocking, microseconds; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/port_class.h"

namespace devproxy {

/// Whether a server that sets no options could bind it on all addresses of both families now. Holds
/// for this moment only: whoever needs it must bind it.
bool is_free(std::uint16_t port);

/// An assignable, free port that `may_take` agrees to, each time another one. It stays below 20000
/// where it can, since devproxy takes the next ten thousand for services that it starts itself.
/// Nothing when there is none.
std::optional<std::uint16_t> find_free_port(
    const KernelPorts& kernel, const std::function<bool(std::uint16_t port)>& may_take);

}  // namespace devproxy
