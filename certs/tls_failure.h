// tls_failure(): what ended a TLS connection, as an Error in words that name the cause: an alert of
// the peer, a certificate that could not be verified, a broken protocol. Pure but for OpenSSL's
// error queue of this thread, which it empties.
#pragma once

#include <openssl/ssl.h>

#include "base/result.h"

namespace devproxy {

Error tls_failure(const SSL& connection);

}  // namespace devproxy
