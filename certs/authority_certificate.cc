#include "certs/authority_certificate.h"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "certs/authority.h"
#include "certs/extensions.h"

namespace devproxy {
namespace {

constexpr std::time_t an_hour = 3600;
constexpr std::time_t ten_years = std::time_t{3652} * 24 * an_hour;
constexpr std::size_t longest_name = 64;

using NameConstraintsPtr = std::unique_ptr<NAME_CONSTRAINTS, OpenSslDelete<NAME_CONSTRAINTS_free>>;

std::string random_hex() {
  std::array<unsigned char, 4> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> texts{};
  if (getpwuid_r(geteuid(), &entry, texts.data(), texts.size(), &found) != 0 || found == nullptr)
    return fmt::format("uid{}", geteuid());
  return entry.pw_name;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

/// RFC 5280 4.2.1.10: a DNS name permits itself and everything below it.
std::string constraints_text(const std::vector<std::string>& permitted) {
  std::string text = "critical";
  for (const std::string& domain : permitted) text += ",permitted;DNS:" + domain;
  text += ",permitted;IP:127.0.0.0/255.0.0.0";
  text += ",permitted;IP:0:0:0:0:0:0:0:1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  return text;
}

}  // namespace

std::string authority_name(std::string_view user, std::string_view host) {
  const std::string end = ' ' + random_hex();
  std::string name = fmt::format("devproxy CA {}@{}", user, host);
  if (name.size() + end.size() > longest_name) name.resize(longest_name - end.size());
  for (char& c : name)
    if (c < ' ' || c > '~') c = '-';
  return name + end;
}

std::string authority_name() {
  return authority_name(user_name(), host_name());
}

Result<std::vector<std::string>> domains_to_permit(const std::vector<std::string>& domains) {
  std::vector<std::string> permitted{"localhost", "test"};
  for (const std::string& domain : domains) {
    std::string normal = normal_host(domain);
    if (normal.empty())
      return fail(Code::invalid, Source::config,
                  fmt::format("\"{}\" in domains is no domain name; write it like internal or "
                              "dev.example.com, letters outside ASCII in their xn-- form",
                              domain));
    if (std::find(permitted.begin(), permitted.end(), normal) == permitted.end())
      permitted.push_back(std::move(normal));
  }
  return permitted;
}

Result<X509Ptr> make_authority_certificate(EVP_PKEY& key, const std::vector<std::string>& domains,
                                           std::string_view name, std::time_t now) {
  const auto permitted = domains_to_permit(domains);
  if (!permitted) return tl::unexpected<Error>(permitted.error());
  X509Ptr made(X509_new());
  const NamePtr subject = name_of(name);
  // pathlen:0 makes it useless for intermediate CAs; cRLSign is what verifiers expect of a root.
  const bool good =
      made && subject && begin_certificate(*made, key, now - an_hour, now - an_hour + ten_years) &&
      X509_set_subject_name(made.get(), subject.get()) == 1 &&
      X509_set_issuer_name(made.get(), subject.get()) == 1 &&
      add_extension(*made, *made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
      add_extension(*made, *made, NID_key_usage, "critical,keyCertSign,cRLSign") &&
      add_extension(*made, *made, NID_name_constraints, constraints_text(*permitted).c_str()) &&
      add_extension(*made, *made, NID_subject_key_identifier, "hash") &&
      X509_sign(made.get(), &key, EVP_sha256()) > 0;
  if (!good)
    return fail(Code::internal, Source::ourselves,
                "OpenSSL cannot make the certificate of the local CA: " + last_error_text());
  return made;
}

std::vector<std::string> permitted_by(const X509& certificate) {
  const NameConstraintsPtr constraints(static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(&certificate, NID_name_constraints, nullptr, nullptr)));
  std::vector<std::string> names;
  if (!constraints) return names;
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees); ++i) {
    const GENERAL_SUBTREE* subtree = sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i);
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(subtree->base, &type);
    if (type != GEN_DNS) continue;
    const auto* text = static_cast<const ASN1_STRING*>(value);
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
    names.emplace_back(bytes, static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  return names;
}

}  // namespace devproxy
