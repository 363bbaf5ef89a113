// The System keychain of macOS, which Safari, Chrome and (since version 120) Firefox read there.
// Tested through recorded commands only: nobody has had a Mac yet. Main thread of a command.
#pragma once

#include <memory>

#include "certs/trust_store.h"

namespace devproxy {

/// Null where there is no such keychain.
std::unique_ptr<TrustStore> keychain_store(const Surroundings& surroundings);

}  // namespace devproxy
