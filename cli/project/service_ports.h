// The ports of services that have a command: given for a running proxy, or only looked up for
// commands that show the configuration. Any thread.
#pragma once

#include "config/config.h"
#include "config/problem.h"
#include "services/port_book.h"

namespace devproxy {

/// Gives every such service of `config` its port. Empty when all have one.
Problems give_ports(Config& config, PortBook& book);

/// The ports that they were given last; 0 stays where there was none.
void show_ports(Config& config);

}  // namespace devproxy
