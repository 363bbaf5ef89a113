// Why the proxy could not listen, with the process that is in the way and the way out. Asks the
// system who owns a port. Any thread.
#pragma once

#include "base/result.h"
#include "cli/terminal/failure.h"
#include "config/config.h"

namespace devproxy {

Failure listen_failure(const Error& error, const Config& config);

}  // namespace devproxy
