#include "certs/leaf.h"

#include <algorithm>

#include "certs/extensions.h"

namespace devproxy {
namespace {

constexpr std::size_t longest_common_name = 64;  // RFC 5280, ub-common-name
constexpr std::size_t longest_host = 253;

bool fill(X509& leaf, X509& issuer, EVP_PKEY& key, const LeafNames& names, std::time_t now) {
  const std::time_t until = std::min(now - clock_tolerance + leaf_lifetime, not_after(issuer));
  const bool has_name = names.common_name.size() <= longest_common_name;
  const NamePtr subject = name_of(has_name ? names.common_name : std::string());
  // Names in the SAN are critical when there is no other (RFC 5280 4.2.1.6).
  const bool san_is_critical = subject && X509_NAME_entry_count(subject.get()) == 0;
  return subject && begin_certificate(leaf, key, now - clock_tolerance, until) &&
         X509_set_subject_name(&leaf, subject.get()) == 1 &&
         add_extension(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(leaf, issuer, NID_key_usage, "critical,digitalSignature") &&
         add_extension(leaf, issuer, NID_ext_key_usage, "serverAuth") &&
         add_extension(leaf, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(leaf, issuer, NID_authority_key_identifier, "keyid:always") &&
         add_alternative_names(leaf, names.hosts, names.addresses, san_is_critical);
}

}  // namespace

LeafNames names_of_host(std::string_view host) {
  LeafNames names{std::string(host), {std::string(host)}, {}};
  const bool is_top = host.find('.') == std::string_view::npos;
  if (!is_top && host.size() + 2 <= longest_host) names.hosts.push_back("*." + std::string(host));
  return names;
}

LeafNames names_of_loopback() {
  const std::string ipv4("\x7f\x00\x00\x01", 4);
  const std::string ipv6 = std::string(15, '\0') + '\x01';
  return {"localhost", {"localhost"}, {ipv4, ipv6}};
}

Result<X509Ptr> make_leaf(const Authority& authority, EVP_PKEY& key, const LeafNames& names,
                          std::time_t now) {
  X509Ptr leaf(X509_new());
  // The issuer is only read, for its key identifier; the function is older than const.
  auto& issuer = const_cast<X509&>(authority.certificate());
  if (!leaf || !fill(*leaf, issuer, key, names, now))
    return fail(
        Code::internal, Source::ourselves,
        "OpenSSL cannot make a certificate for " + names.common_name + ": " + last_error_text());
  if (auto is_signed = authority.sign(*leaf); !is_signed)
    return tl::unexpected<Error>(is_signed.error());
  return leaf;
}

std::time_t renewal_time(const X509& leaf) {
  const std::time_t from = not_before(leaf);
  return from + (not_after(leaf) - from) / 3 * 2;
}

}  // namespace devproxy
