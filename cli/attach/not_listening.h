// What is said when the proxy goes on without 80 or 443: who is there instead, in one line. Asks
// the system who owns a port. Any thread.
#pragma once

#include <string>
#include <vector>

#include "proxy/server.h"

namespace devproxy {

/// Empty when nothing is missing.
std::string not_listening_text(const std::vector<NotListening>& missing);

}  // namespace devproxy
