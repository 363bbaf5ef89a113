#include "certs/openssl.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

namespace devproxy {
namespace {

BioPtr reader_of(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string take_text(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string common_name_of(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  const auto* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  if (size < 0) return {};
  std::string result(text, text + size);
  OPENSSL_free(text);
  return result;
}

std::time_t to_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

/// Encrypted keys have no place in a server that starts by itself.
int no_password(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string last_error_text() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (error == 0) return "unknown reason";
  if (const char* reason = ERR_reason_error_string(error)) return reason;
  std::array<char, 256> text{};
  ERR_error_string_n(error, text.data(), text.size());
  return text.data();
}

Result<KeyPtr> make_key() {
  KeyPtr key(EVP_EC_gen("P-256"));
  if (!key)
    return fail(Code::internal, Source::ourselves,
                "OpenSSL cannot make a P-256 key: " + last_error_text());
  return key;
}

std::string to_pem(const X509& certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), const_cast<X509*>(&certificate));  // not const before OpenSSL 3.0
  return take_text(*bio);
}

std::string to_pem(const EVP_PKEY& key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), const_cast<EVP_PKEY*>(&key), nullptr, nullptr, 0,
                                nullptr, nullptr);
  return take_text(*bio);
}

std::string to_der(const X509& certificate) {
  unsigned char* data = nullptr;
  const int size = i2d_X509(const_cast<X509*>(&certificate), &data);
  if (size < 0) return {};
  std::string der(data, data + size);
  OPENSSL_free(data);
  return der;
}

std::vector<X509Ptr> certificates_from_pem(std::string_view text) {
  std::vector<X509Ptr> found;
  const BioPtr bio = reader_of(text);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr))
    found.emplace_back(certificate);
  // The end of the text is told as an error as well.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) found.clear();
  if (!found.empty()) ERR_clear_error();
  return found;
}

KeyPtr key_from_pem(std::string_view text) {
  const BioPtr bio = reader_of(text);
  return KeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
}

KeyPtr take_key(std::string text) {
  KeyPtr key = key_from_pem(text);
  OPENSSL_cleanse(text.data(), text.size());
  return key;
}

std::string common_name(const X509& certificate) {
  return common_name_of(X509_get_subject_name(&certificate));
}

std::string issuer_name(const X509& certificate) {
  const auto* issuer = X509_get_issuer_name(&certificate);
  std::string name = common_name_of(issuer);
  if (!name.empty()) return name;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), issuer, 0, XN_FLAG_ONELINE);
  return take_text(*bio);
}

std::time_t not_before(const X509& certificate) {
  return to_time(X509_get0_notBefore(&certificate));
}

std::time_t not_after(const X509& certificate) {
  return to_time(X509_get0_notAfter(&certificate));
}

std::string date_text(std::time_t when) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(when));
}

}  // namespace devproxy
