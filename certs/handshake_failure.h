// Why a handshake with a service failed, in words that a developer can act on. OpenSSL forgets a
// certificate that it refuses, so it is kept with the session. Belongs to the thread that the
// session does.
#pragma once

#include <string>
#include <string_view>

#include "certs/openssl.h"

namespace devproxy {

/// Sessions of `context` verify their peer, and keep the certificate that was at fault.
void verify_and_remember(SSL_CTX& context);

/// The cause and the next step; empties OpenSSL's queue of errors, so call it before anything else
/// is done with OpenSSL on this thread. `host` as it was given to ClientTls::session.
std::string handshake_failure(const SSL& session, std::string_view host);

}  // namespace devproxy
