// The proof behind "trusted": a TLS client that knows this bundle and nothing else, and a server
// with a certificate of our CA, shake hands in memory. Blocking, some milliseconds; any thread.
#pragma once

#include <string>

#include "certs/authority.h"

namespace devproxy {

/// Why the client turns away; empty when the handshake is done.
std::string refusal_in_handshake(const std::string& bundle, const Authority& authority);

}  // namespace devproxy
