// OpenSSL's objects as unique_ptrs, its errors as text, PEM in and out. What OpenSSL hands out is
// counted by reference and belongs to the thread that uses it; these functions are safe on any.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace devproxy {

template <auto release>
struct OpenSslDelete {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

using SslPtr = std::unique_ptr<SSL, OpenSslDelete<SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, OpenSslDelete<SSL_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, OpenSslDelete<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDelete<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, OpenSslDelete<BIO_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpenSslDelete<X509_EXTENSION_free>>;
using NamePtr = std::unique_ptr<X509_NAME, OpenSslDelete<X509_NAME_free>>;
using BigNumberPtr = std::unique_ptr<BIGNUM, OpenSslDelete<BN_free>>;

/// The last thing that OpenSSL complained about on this thread ("no start line"); empties the
/// queue. "unknown reason" when it said nothing.
std::string last_error_text();

/// A new key on the curve P-256.
Result<KeyPtr> make_key();
std::string to_pem(const X509& certificate);
std::string to_pem(const EVP_PKEY& key);  ///< PKCS #8, not encrypted
std::string to_der(const X509& certificate);
/// Every certificate of `text` in order; none when there is none or one is broken.
std::vector<X509Ptr> certificates_from_pem(std::string_view text);
/// Null when there is none, or when it is encrypted: nobody is asked for a password.
KeyPtr key_from_pem(std::string_view text);
/// The same, and nothing of the key is left in memory but what it gives back.
KeyPtr take_key(std::string text);

std::string common_name(const X509& certificate);  ///< of the subject; may be empty
std::string issuer_name(const X509& certificate);  ///< CN of the issuer, else all of it on one line
std::time_t not_before(const X509& certificate);
std::time_t not_after(const X509& certificate);
std::string date_text(std::time_t when);  ///< "2036-11-20", in UTC

}  // namespace devproxy
