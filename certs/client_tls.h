// ClientTls makes the sessions that https:// services are spoken to with. When a handshake fails,
// handshake_failure() says why. Owned by the server, outlives every session it made. One thread:
// the loop's.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "certs/key_log.h"
#include "certs/openssl.h"

namespace devproxy {

class ClientTls final {
 public:
  ClientTls() = default;
  ClientTls(const ClientTls&) = delete;
  ClientTls& operator=(const ClientTls&) = delete;

  /// `host`: the name or address (IPv6 without brackets) that the certificate must be for, unless
  /// `insecure`. `ca_file`: whom to trust instead of whom the system trusts (SSL_CERT_FILE and
  /// SSL_CERT_DIR are obeyed); may be empty. `http1_only`: HTTP/2 is not offered.
  Result<SslPtr> session(const std::string& host, bool insecure, const std::string& ca_file,
                         bool http1_only);

 private:
  /// What tells two contexts apart; time and size, so that an edited file is read again.
  struct Trust {
    bool insecure = false;
    std::string ca_file;
    std::filesystem::file_time_type changed_at;
    std::uintmax_t size = 0;
    auto operator<=>(const Trust&) const = default;
  };

  Result<SSL_CTX*> context(bool insecure, const std::string& ca_file);

  std::optional<KeyLog> key_log_;  ///< opened with the first context, closed after them
  std::map<Trust, SslContextPtr> contexts_;
};

}  // namespace devproxy
