// `devproxy up -d`: the same process as `up`, in a session of its own. Main thread.
#pragma once

#include "cli/command_line/invocation.h"
#include "cli/terminal/console.h"
#include "cli/terminal/failure.h"
#include "config/config.h"

namespace devproxy {

/// Returns when it is attached and has begun to start its services; if it ends instead, with what
/// it said.
Outcome up_detached(const Config& config, const Invocation& invocation, const Console& console);

}  // namespace devproxy
