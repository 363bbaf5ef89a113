// The system's own store on Linux: a folder of anchors, a command that makes bundles of them, and
// the bundle that curl, OpenSSL and Python read. Which family it is shows in what exists, not in
// what the system calls itself. Main thread of a command.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "certs/trust_store.h"

namespace devproxy {

/// Null when this is no system that we know; it then has nothing to be put into.
std::unique_ptr<TrustStore> system_store(const Surroundings& surroundings);

}  // namespace devproxy
