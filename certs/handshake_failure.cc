#include "certs/handshake_failure.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>

#include <array>
#include <vector>

namespace devproxy {
namespace {

constexpr std::size_t most_names = 8;
constexpr const char* or_insecure = "or insecure = true to accept any certificate";

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpenSslDelete<GENERAL_NAMES_free>>;

void release_certificate(void*, void* certificate, CRYPTO_EX_DATA*, int, long, void*) {
  X509_free(static_cast<X509*>(certificate));
}

int fault_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, release_certificate);
  return index;
}

/// Returning what it was given, it is called once for a failure.
int remember_fault(int is_good, X509_STORE_CTX* verification) {
  X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  if (is_good == 1 || certificate == nullptr) return is_good;
  auto* session = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  X509_free(static_cast<X509*>(SSL_get_ex_data(session, fault_index())));
  X509_up_ref(certificate);
  SSL_set_ex_data(session, fault_index(), certificate);
  return is_good;
}

std::string address_text(const std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if (bytes.size() != 4 && bytes.size() != 16) return "an address";
  return inet_ntop(family, bytes.data(), text.data(), text.size());
}

/// Whom the certificate is for, in the order that it says it.
std::string names_text(const X509& certificate) {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> found;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type != GEN_DNS && type != GEN_IPADD) continue;
    const auto* text = static_cast<const ASN1_STRING*>(value);
    const std::string bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                            static_cast<std::size_t>(ASN1_STRING_length(text)));
    found.push_back(type == GEN_DNS ? bytes : address_text(bytes));
  }
  if (found.empty()) return "no name at all (it has no subjectAltName)";
  const std::size_t more = found.size() > most_names ? found.size() - most_names : 0;
  found.resize(found.size() - more);
  std::string text = fmt::format("{}", fmt::join(found, ", "));
  if (more > 0) text += fmt::format(" and {} more", more);
  return (found.size() + more == 1 ? "another name: " : "other names: ") + text;
}

std::string verification_failure(const X509& fault, long error, std::string_view host) {
  switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format(
          "the certificate of {} is for {}; use a url with a name that it is for, {}", host,
          names_text(fault), or_insecure);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return fmt::format(
          "the certificate of {} is self-signed; set ca = \"<a PEM file with it>\", "
          "{}",
          host, or_insecure);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return fmt::format(
          "the certificate of {} comes from \"{}\", which is not trusted here; set "
          "ca = \"<a PEM file with that CA>\", {}",
          host, issuer_name(fault), or_insecure);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format("the certificate of {} expired on {}{}; renew it, {}", host,
                         date_text(not_after(fault)),
                         X509_check_ca(const_cast<X509*>(&fault)) == 1
                             ? fmt::format(" (\"{}\" in its chain)", common_name(fault))
                             : "",
                         or_insecure);
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format(
          "the certificate of {} is valid only from {} on; set the clock of this "
          "machine or of the one that made it, {}",
          host, date_text(not_before(fault)), or_insecure);
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
      return fmt::format(
          "the certificate of {} comes from a CA that may not sign for its names "
          "({}); have it made by another one, {}",
          host, X509_verify_cert_error_string(error), or_insecure);
    default:
      return fmt::format("the certificate of {} is not accepted: {}; mend it, {}", host,
                         X509_verify_cert_error_string(error), or_insecure);
  }
}

/// What came back was no TLS.
bool is_plain_text(int reason) {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
         reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

}  // namespace

void verify_and_remember(SSL_CTX& context) {
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, remember_fault);
}

std::string handshake_failure(const SSL& session, std::string_view host) {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const long verdict = SSL_get_verify_result(&session);
  const auto* fault = static_cast<const X509*>(SSL_get_ex_data(&session, fault_index()));
  if (verdict != X509_V_OK && fault != nullptr) {
    ERR_clear_error();
    return verification_failure(*fault, verdict, host);
  }
  if (reason == 0)
    return fmt::format(
        "{} ended the connection during the TLS handshake; see its log, or use "
        "http:// if it speaks no TLS there",
        host);
  const std::string text = last_error_text();
  if (is_plain_text(reason))
    return fmt::format("{} does not speak TLS there ({}); use http:// in its url", host, text);
  return fmt::format("no TLS with {}: {}; see its log for its side", host, text);
}

}  // namespace devproxy
