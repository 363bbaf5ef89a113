#include "certs/extensions.h"

#include <openssl/bn.h>

namespace devproxy {
namespace {

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpenSslDelete<GENERAL_NAMES_free>>;

/// `type`: GEN_DNS or GEN_IPADD.
bool push_name(GENERAL_NAMES& names, int type, const std::string& bytes) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* value = type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
  if (name == nullptr || value == nullptr ||
      ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    GENERAL_NAME_free(name);
    ASN1_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(&names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

bool set_random_serial(X509& certificate) {
  const BigNumberPtr number(BN_new());
  // The highest bit is left 0: a serial is a positive number (RFC 5280 4.1.2.2).
  return number && BN_rand(number.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_add_word(number.get(), 1) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

}  // namespace

bool begin_certificate(X509& certificate, EVP_PKEY& key, std::time_t from, std::time_t until) {
  return X509_set_version(&certificate, X509_VERSION_3) == 1 && set_random_serial(certificate) &&
         ASN1_TIME_set(X509_getm_notBefore(&certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(&certificate), until) != nullptr &&
         X509_set_pubkey(&certificate, &key) == 1;
}

NamePtr name_of(std::string_view common_name) {
  NamePtr name(X509_NAME_new());
  if (!name || common_name.empty()) return name;
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
  if (X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, text,
                                 static_cast<int>(common_name.size()), -1, 0) != 1)
    return nullptr;
  return name;
}

bool add_extension(X509& certificate, X509& issuer, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

bool add_alternative_names(X509& certificate, const std::vector<std::string>& hosts,
                           const std::vector<std::string>& addresses, bool critical) {
  const GeneralNamesPtr names(sk_GENERAL_NAME_new_null());
  if (!names) return false;
  for (const std::string& host : hosts)
    if (!push_name(*names, GEN_DNS, host)) return false;
  for (const std::string& address : addresses)
    if (!push_name(*names, GEN_IPADD, address)) return false;
  return X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), critical ? 1 : 0,
                           X509V3_ADD_DEFAULT) == 1;
}

}  // namespace devproxy
