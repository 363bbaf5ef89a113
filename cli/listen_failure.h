// Why the proxy could not listen, with the process that is in the way and the way out. Asks the
// system who owns a port. Any thread.
#pragma once

#include <vector>

#include "base/result.h"
#include "cli/failure.h"
#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

/// `held`: the listeners that are ours already.
Failure listen_failure(const Error& error, const Config& config,
                       const std::vector<BoundAddress>& held);

}  // namespace devproxy
