// The functions that make a key in the older form are deprecated since OpenSSL 3.0, with nothing in
// their place that does this.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "certs/leaf_key.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

namespace devproxy {

Result<KeyPtr> make_leaf_key() {
  const std::unique_ptr<EC_KEY, OpenSslDelete<EC_KEY_free>> numbers(
      EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  KeyPtr key(EVP_PKEY_new());
  if (numbers && key && EC_KEY_generate_key(numbers.get()) == 1 &&
      EVP_PKEY_set1_EC_KEY(key.get(), numbers.get()) == 1)
    return key;
  return fail(Code::internal, Source::ourselves,
              "OpenSSL cannot make a P-256 key: " + last_error_text());
}

}  // namespace devproxy
