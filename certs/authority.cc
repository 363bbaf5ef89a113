#include "certs/authority.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/dirs.h"
#include "base/files.h"
#include "base/text.h"
#include "certs/authority_certificate.h"
#include "certs/command_runner.h"

namespace devproxy {
namespace {

std::string remove_command(const std::string& folder) {
  return fmt::format("rm -f {} {}", shell_quoted(Authority::certificate_path(folder)),
                     shell_quoted(Authority::key_path(folder)));
}

/// The end of every message about a CA that cannot be used: only the user may give it up.
std::string way_out(const std::string& folder) {
  return fmt::format("make a new one: {}; devproxy trust", remove_command(folder));
}

bool is_taken(const std::string& path) {
  struct stat there {};
  return lstat(path.c_str(), &there) == 0 || errno != ENOENT;
}

Result<std::string> read_part(const std::string& path, const std::string& folder) {
  auto text = read_file(path);
  if (!text) text.error().detail += fmt::format("; mend that, or {}", way_out(folder));
  return text;
}

Result<void> check_is_private(const std::string& path, const std::string& folder) {
  struct stat there {};
  if (stat(path.c_str(), &there) != 0) return {};  // reading it says why
  if (there.st_uid != geteuid())
    return fail(Code::denied, Source::system,
                fmt::format("{} belongs to user {}, and this is user {}; run devproxy as its owner "
                            "(without sudo)",
                            path, there.st_uid, geteuid()));
  if ((there.st_mode & 077U) != 0)
    return fail(Code::denied, Source::system,
                fmt::format("{} can be read by others (mode {:04o}), and who has read it can sign "
                            "for your names: chmod 600 {}; or, if somebody may have, {}",
                            path, there.st_mode & 07777U, shell_quoted(path), way_out(folder)));
  return {};
}

Result<KeyPtr> load_key(const std::string& folder) {
  const std::string path = Authority::key_path(folder);
  if (auto is_private = check_is_private(path, folder); !is_private)
    return tl::unexpected<Error>(is_private.error());
  auto text = read_part(path, folder);
  if (!text) return tl::unexpected<Error>(text.error());
  KeyPtr key = take_key(std::move(*text));
  if (key) return key;
  return fail(Code::invalid, Source::system,
              fmt::format("{} holds no key that can be read ({}); put back the one that was there, "
                          "or {}",
                          path, last_error_text(), way_out(folder)));
}

/// Why a certificate cannot be the local CA's; empty when it can.
std::string objection(const X509& certificate, const EVP_PKEY& key, const std::string& folder) {
  const std::string path = Authority::certificate_path(folder);
  if (EVP_PKEY_eq(X509_get0_pubkey(&certificate), &key) != 1) {
    ERR_clear_error();
    return fmt::format("{} is not the key of {}; put back the one that is, or {}",
                       Authority::key_path(folder), path, way_out(folder));
  }
  // 1: by its basicConstraints; the other values stand for what old verifiers also took as a CA.
  if (X509_check_ca(const_cast<X509*>(&certificate)) != 1)
    return fmt::format("{} is no certificate of a CA; {}", path, way_out(folder));
  const std::time_t now = std::time(nullptr);
  if (not_after(certificate) <= now)
    return fmt::format("the local CA {} expired on {}; {}", path, date_text(not_after(certificate)),
                       way_out(folder));
  if (not_before(certificate) > now)
    return fmt::format("the local CA {} is valid only from {} on; set this machine's clock, or {}",
                       path, date_text(not_before(certificate)), way_out(folder));
  if (permitted_by(certificate).empty())
    return fmt::format(
        "{} could sign for every name there is, and devproxy uses only a CA that "
        "is limited to its domains; use tls = {{ cert, key }} for certificates of "
        "another CA, or {}",
        path, way_out(folder));
  return {};
}

/// The key comes first and each file takes its name in one step that never replaces. So programs
/// that do this at once meet at one key, then at one certificate, and a crash in between leaves a
/// key for which the next one makes the certificate.
Result<void> make_files(const std::string& folder, const std::vector<std::string>& domains) {
  if (auto good = domains_to_permit(domains); !good) return tl::unexpected<Error>(good.error());
  if (!is_taken(Authority::key_path(folder))) {
    const auto key = make_key();
    if (!key) return tl::unexpected<Error>(key.error());
    std::string text = to_pem(**key);
    const auto written = write_new(Authority::key_path(folder), text, 0600);
    OPENSSL_cleanse(text.data(), text.size());
    if (!written) return tl::unexpected<Error>(written.error());
  }
  const auto key = load_key(folder);
  if (!key) return tl::unexpected<Error>(key.error());
  const auto made =
      make_authority_certificate(**key, domains, authority_name(), std::time(nullptr));
  if (!made) return tl::unexpected<Error>(made.error());
  const auto written = write_new(Authority::certificate_path(folder), to_pem(**made), 0600);
  if (!written) return tl::unexpected<Error>(written.error());
  return {};
}

}  // namespace

Authority::Authority(std::string folder, X509Ptr certificate, KeyPtr key,
                     std::vector<std::string> permitted)
    : folder_(std::move(folder)),
      certificate_(std::move(certificate)),
      key_(std::move(key)),
      permitted_(std::move(permitted)) {}

Result<Authority> Authority::load(const std::string& folder) {
  const std::string path = certificate_path(folder);
  if (!is_taken(path))
    return fail(Code::missing, Source::system,
                fmt::format("there is no local CA in {} yet; devproxy trust makes one", folder));
  if (!is_taken(key_path(folder)))
    return fail(Code::invalid, Source::system,
                fmt::format("{} has lost its key {}; put it back, or {}", path, key_path(folder),
                            way_out(folder)));
  const auto text = read_part(path, folder);
  if (!text) return tl::unexpected<Error>(text.error());
  auto certificates = certificates_from_pem(*text);
  if (certificates.size() != 1)
    return fail(Code::invalid, Source::system,
                fmt::format("{} does not hold one certificate that can be read; put back the one "
                            "that was there, or {}",
                            path, way_out(folder)));
  auto key = load_key(folder);
  if (!key) return tl::unexpected<Error>(key.error());
  if (std::string why = objection(*certificates.front(), **key, folder); !why.empty())
    return fail(Code::invalid, Source::system, std::move(why));
  auto permitted = permitted_by(*certificates.front());
  return Authority(folder, std::move(certificates.front()), std::move(*key), std::move(permitted));
}

Result<Authority> Authority::load_or_make(const std::string& folder,
                                          const std::vector<std::string>& domains) {
  if (auto made = make_private_dir(folder); !made) return tl::unexpected<Error>(made.error());
  if (!is_taken(certificate_path(folder))) {
    if (auto made = make_files(folder, domains); !made) return tl::unexpected<Error>(made.error());
  }
  return load(folder);
}

std::string Authority::fingerprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(certificate_.get(), EVP_sha256(), digest.data(), &size);
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

bool Authority::permits(std::string_view host) const {
  for (const std::string& domain : permitted_) {
    if (host == domain) return true;
    if (host.size() > domain.size() && host.substr(host.size() - domain.size()) == domain &&
        host[host.size() - domain.size() - 1] == '.')
      return true;
  }
  return false;
}

Result<void> Authority::check_domains(const std::vector<std::string>& domains) const {
  std::vector<std::string> beyond;
  for (const std::string& domain : domains)
    if (!permits(normal_host(domain))) beyond.push_back(domain);
  if (beyond.empty()) return {};
  return fail(
      Code::invalid, Source::config,
      fmt::format("the local CA permits {}; it cannot sign for {}: remove {} and {} "
                  "(devproxy untrust; {}), then devproxy trust again, or take {} out of "
                  "domains",
                  fmt::join(permitted_, ", "), fmt::join(beyond, ", "), certificate_path(folder_),
                  key_path(folder_), remove_command(folder_), fmt::join(beyond, ", ")));
}

Result<void> Authority::sign(X509& leaf) const {
  if (X509_set_issuer_name(&leaf, X509_get_subject_name(certificate_.get())) == 1 &&
      X509_sign(&leaf, key_.get(), EVP_sha256()) > 0)
    return {};
  return fail(Code::internal, Source::ourselves,
              "the local CA cannot sign a certificate: " + last_error_text());
}

std::string normal_host(std::string_view text) {
  std::string host = lower(text);
  if (!host.empty() && host.back() == '.') host.pop_back();
  if (host.empty() || host.size() > 253) return {};
  for (const std::string_view label : split(host, '.')) {
    if (label.empty() || label.size() > 63) return {};
    if (label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string_view::npos)
      return {};
  }
  return host;
}

}  // namespace devproxy
