// Under WSL: the store of the Windows user, which the browsers on the other side read. Windows asks
// in a window of its own before it takes a CA in or out. Tested through recorded commands only.
// Main thread of a command.
#pragma once

#include <memory>

#include "certs/trust_store.h"

namespace devproxy {

/// Null where the kernel is not Microsoft's.
std::unique_ptr<TrustStore> windows_store(const Surroundings& surroundings);

}  // namespace devproxy
