// The Authority is this user's local CA: the certificate and key in the state folder, made on first
// need and never replaced by us. By critical name constraints it can sign for the user's own
// domains and loopback addresses only, so that a stolen key opens nothing else (docs/decisions,
// 3). A value; belongs to one thread.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "certs/openssl.h"

namespace devproxy {

class Authority final {
 public:
  /// What stands in `folder`; Code::missing when there is none. A CA that cannot be used is an
  /// error that says why and what to do.
  static Result<Authority> load(const std::string& folder);
  /// Makes the folder and the CA when there is none. It permits localhost, test and `domains`; of
  /// programs that make it at the same moment all get the same one.
  static Result<Authority> load_or_make(const std::string& folder,
                                        const std::vector<std::string>& domains);

  static std::string certificate_path(const std::string& folder) { return folder + "/ca.pem"; }
  static std::string key_path(const std::string& folder) { return folder + "/ca.key"; }
  const std::string& folder() const { return folder_; }

  const X509& certificate() const { return *certificate_; }
  std::string pem() const { return to_pem(*certificate_); }
  std::string der() const { return to_der(*certificate_); }
  /// SHA-256 of the DER form: 64 lower-case hexadecimal digits.
  std::string fingerprint() const;
  std::string common_name() const { return devproxy::common_name(*certificate_); }
  std::time_t not_after() const { return devproxy::not_after(*certificate_); }
  const std::vector<std::string>& permitted_domains() const { return permitted_; }

  /// `host` in lower case, without a trailing dot: a permitted domain or below one.
  bool permits(std::string_view host) const;
  /// An error that names those of the configured `domains` that it cannot sign for, and the way to
  /// a CA that can. Names in the others work all the same.
  Result<void> check_domains(const std::vector<std::string>& domains) const;

  /// Makes it the issuer of `leaf` and signs. Asks no permits(): clients enforce the constraints.
  Result<void> sign(X509& leaf) const;

 private:
  Authority(std::string folder, X509Ptr certificate, KeyPtr key,
            std::vector<std::string> permitted);

  std::string folder_;
  X509Ptr certificate_;
  KeyPtr key_;
  std::vector<std::string> permitted_;
};

/// Lower case, without a trailing dot, when `text` is a name as DNS knows them (letters, digits,
/// hyphens, underscores; labels of 63, all of it 253); else empty.
std::string normal_host(std::string_view text);

}  // namespace devproxy
