// What a certificate of ours is filled with, step by step; used by the CA's own certificate and by
// leaves. Pure functions on one certificate; any thread.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "certs/openssl.h"

namespace devproxy {

/// Version 3, a random serial of 128 bits, valid from `from` to `until`, for `key`. False when
/// OpenSSL refuses.
bool begin_certificate(X509& certificate, EVP_PKEY& key, std::time_t from, std::time_t until);

/// A name with this CN alone; empty without one.
NamePtr name_of(std::string_view common_name);

/// By OpenSSL's text form (x509v3_config(5)). `issuer` is asked for its key identifier.
bool add_extension(X509& certificate, X509& issuer, int nid, const char* value);

/// `addresses`: 4 or 16 bytes each, in network order.
bool add_alternative_names(X509& certificate, const std::vector<std::string>& hosts,
                           const std::vector<std::string>& addresses, bool critical);

}  // namespace devproxy
