// `devproxy up -d`: the same process as `up`, in a session of its own. Main thread.
#pragma once

#include "cli/console.h"
#include "cli/failure.h"
#include "cli/invocation.h"
#include "config/config.h"

namespace devproxy {

/// Returns when it is attached and has begun to start its services; if it ends instead, with what
/// it said.
Outcome up_detached(const Config& config, const Invocation& invocation, const Console& console);

}  // namespace devproxy
