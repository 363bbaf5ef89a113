// The key that all leaves of this process share, made in the way that makes leaves cheap. Pure; any
// thread.
#pragma once

#include "certs/openssl.h"

namespace devproxy {

/// A P-256 key. OpenSSL 3.0 encodes and decodes a provider's key anew for every certificate that it
/// is put into, 0.27 ms; a key in the older form costs a few microseconds there, and its
/// signatures the same as any.
Result<KeyPtr> make_leaf_key();

}  // namespace devproxy
