// Certificates that a user brings: read from PEM files and checked before they are used. Values;
// one thread.
#pragma once

#include <string>

#include "base/result.h"
#include "certs/openssl.h"

namespace devproxy {

/// PEM files, with absolute paths.
struct OwnCertificate {
  std::string cert;  ///< the server's own first, then those that lead to its root
  std::string key;
  bool operator==(const OwnCertificate& other) const = default;
};

inline void free_chain(STACK_OF(X509) * chain) {
  sk_X509_pop_free(chain, X509_free);
}
using ChainPtr = std::unique_ptr<STACK_OF(X509), OpenSslDelete<free_chain>>;

struct LoadedCertificate {
  OwnCertificate files;
  std::string text;  ///< of `cert`
  X509Ptr certificate;
  ChainPtr chain;
  KeyPtr key;
};

/// An error names the file and what is wrong: unreadable, no match, expired, too weak.
Result<LoadedCertificate> load_own_certificate(const OwnCertificate& files);

/// Makes `session` present it. False when OpenSSL refuses.
bool present(SSL& session, const LoadedCertificate& own);

}  // namespace devproxy
