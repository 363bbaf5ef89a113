// The CA's own certificate: what is in it when we make one, and what it says when we read one.
// Pure functions; any thread.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "certs/openssl.h"

namespace devproxy {

/// "devproxy CA <user>@<host> <8 hex>", at most 64 bytes (RFC 5280, ub-common-name). The random
/// end keeps the CAs of several machines apart in one store.
std::string authority_name(std::string_view user, std::string_view host);
std::string authority_name();  ///< of this user on this machine

/// Signed by itself; for ten years from an hour before `now`.
Result<X509Ptr> make_authority_certificate(EVP_PKEY& key, const std::vector<std::string>& domains,
                                           std::string_view name, std::time_t now);

/// localhost and test, then `domains`, each once, in normal form. An error names what is no domain.
Result<std::vector<std::string>> domains_to_permit(const std::vector<std::string>& domains);

/// The DNS names of its name constraints; none when it has no such constraints, and so could sign
/// for everything.
std::vector<std::string> permitted_by(const X509& certificate);

}  // namespace devproxy
