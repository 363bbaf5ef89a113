#include "certs/leaf.h"

#include <algorithm>

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, OpenSslDelete<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpenSslDelete<X509_STORE_CTX_free>>;

/// A CA, a key, and clients that trust the one.
struct Signer {
  TempDir home;
  Authority authority =
      std::move(*Authority::load_or_make(home.file("state"), {"dev.example.com"}));
  KeyPtr key = std::move(*make_key());

  X509Ptr leaf(const LeafNames& names, std::time_t now = std::time(nullptr)) const {
    auto made = make_leaf(authority, *key, names, now);
    if (!made) FAIL(made.error().detail);
    return std::move(*made);
  }
  X509Ptr leaf(std::string_view host) const { return leaf(names_of_host(host)); }

  /// What a client for `host`, a name or an address, says of `leaf`: X509_V_OK or its error.
  int verify(X509& leaf, const std::string& host) const {
    const StorePtr store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), const_cast<X509*>(&authority.certificate()));
    const StoreContextPtr context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store.get(), &leaf, nullptr);
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) != 1)
      X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size());
    X509_verify_cert(context.get());
    return X509_STORE_CTX_get_error(context.get());
  }
};

TEST_CASE("leaf: is good for its host and one label below", "[certs]") {
  const Signer signer;
  const X509Ptr leaf = signer.leaf("shop.localhost");
  CHECK(signer.verify(*leaf, "shop.localhost") == X509_V_OK);
  CHECK(signer.verify(*leaf, "api.shop.localhost") == X509_V_OK);
  CHECK(signer.verify(*leaf, "localhost") == X509_V_ERR_HOSTNAME_MISMATCH);
  CHECK(signer.verify(*leaf, "a.b.shop.localhost") == X509_V_ERR_HOSTNAME_MISMATCH);
  CHECK(signer.verify(*leaf, "127.0.0.1") == X509_V_ERR_IP_ADDRESS_MISMATCH);
}

TEST_CASE("leaf: the CA's constraints hold, whoever signs with its key", "[certs]") {
  const Signer signer;
  struct Row {
    const char* host;
    int expected;
  };
  const Row rows[] = {
      {"shop.localhost", X509_V_OK},
      {"x.test", X509_V_OK},
      {"dev.example.com", X509_V_OK},
      {"a.dev.example.com", X509_V_OK},
      {"example.com", X509_V_ERR_PERMITTED_VIOLATION},
      {"www.example.com", X509_V_ERR_PERMITTED_VIOLATION},
      {"dev.example.org", X509_V_ERR_PERMITTED_VIOLATION},
      {"nottest", X509_V_ERR_PERMITTED_VIOLATION},
  };
  for (const Row& row : rows) {
    CAPTURE(row.host);
    const X509Ptr leaf = signer.leaf(row.host);
    CHECK(signer.verify(*leaf, row.host) == row.expected);
  }
  const X509Ptr foreign = signer.leaf(LeafNames{"", {}, {std::string("\x0a\x00\x00\x01", 4)}});
  CHECK(signer.verify(*foreign, "10.0.0.1") == X509_V_ERR_PERMITTED_VIOLATION);
  const X509Ptr loopback = signer.leaf(LeafNames{"", {}, {std::string("\x7f\x01\x02\x03", 4)}});
  CHECK(signer.verify(*loopback, "127.1.2.3") == X509_V_OK);
}

TEST_CASE("leaf: the one for loopback is good for both addresses and localhost", "[certs]") {
  const Signer signer;
  const X509Ptr leaf = signer.leaf(names_of_loopback());
  CHECK(signer.verify(*leaf, "127.0.0.1") == X509_V_OK);
  CHECK(signer.verify(*leaf, "::1") == X509_V_OK);
  CHECK(signer.verify(*leaf, "localhost") == X509_V_OK);
  CHECK(signer.verify(*leaf, "shop.localhost") == X509_V_ERR_HOSTNAME_MISMATCH);
}

TEST_CASE("leaf: no wildcard stands directly below a top domain", "[certs]") {
  CHECK(names_of_host("localhost").hosts == std::vector<std::string>{"localhost"});
  CHECK(names_of_host("test").hosts == std::vector<std::string>{"test"});
  CHECK(names_of_host("a.test").hosts == std::vector<std::string>{"a.test", "*.a.test"});
  const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                              std::string(63, 'c') + "." + std::string(56, 'd') + ".test";
  REQUIRE(longest.size() == 253);
  CHECK(names_of_host(longest).hosts == std::vector<std::string>{longest});
}

TEST_CASE("leaf: says what it is for, and whose", "[certs]") {
  const Signer signer;
  const X509Ptr leaf = signer.leaf("shop.localhost");
  CHECK(X509_check_ca(leaf.get()) == 0);
  CHECK(X509_get_key_usage(leaf.get()) == KU_DIGITAL_SIGNATURE);
  CHECK(X509_get_extended_key_usage(leaf.get()) == XKU_SSL_SERVER);
  CHECK(X509_get0_subject_key_id(leaf.get()) != nullptr);
  CHECK(ASN1_OCTET_STRING_cmp(
            X509_get0_authority_key_id(leaf.get()),
            X509_get0_subject_key_id(const_cast<X509*>(&signer.authority.certificate()))) == 0);
  CHECK(issuer_name(*leaf) == signer.authority.common_name());
  CHECK(common_name(*leaf) == "shop.localhost");
  const X509Ptr other = signer.leaf("shop.localhost");
  CHECK(ASN1_INTEGER_cmp(X509_get0_serialNumber(leaf.get()), X509_get0_serialNumber(other.get())) !=
        0);
}

TEST_CASE("leaf: a name too long for a CN stands in a critical SAN alone", "[certs]") {
  const Signer signer;
  const std::string host = std::string(63, 'a') + ".localhost";
  const X509Ptr leaf = signer.leaf(host);
  CHECK(common_name(*leaf).empty());
  const int at = X509_get_ext_by_NID(leaf.get(), NID_subject_alt_name, -1);
  REQUIRE(at >= 0);
  CHECK(X509_EXTENSION_get_critical(X509_get_ext(leaf.get(), at)) == 1);
  CHECK(signer.verify(*leaf, host) == X509_V_OK);
}

TEST_CASE("leaf: lives for 90 days from an hour ago, never longer than the CA", "[certs]") {
  const Signer signer;
  const std::time_t now = std::time(nullptr);
  const X509Ptr leaf = signer.leaf(names_of_host("a.test"), now);
  CHECK(not_before(*leaf) == now - 3600);
  CHECK(not_after(*leaf) == now - 3600 + 90 * 86400);
  CHECK(renewal_time(*leaf) == now - 3600 + 60 * 86400);
  const std::time_t late = signer.authority.not_after() - 86400;
  const X509Ptr last = signer.leaf(names_of_host("a.test"), late);
  CHECK(not_after(*last) == signer.authority.not_after());
}

}  // namespace
}  // namespace devproxy
