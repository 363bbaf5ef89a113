// ServerTls makes the sessions that accepted TLS connections are served with: which certificate for
// which name, ALPN, resumption. Owned by the server, outlives every session it made. One thread:
// the loop's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "certs/key_log.h"
#include "certs/leaf_store.h"
#include "certs/openssl.h"
#include "certs/own_certificates.h"

namespace devproxy {

struct ServerTlsSettings {
  std::string state_dir;              ///< of the local CA
  std::vector<std::string> domains;   ///< what a CA that has to be made permits
  std::optional<OwnCertificate> own;  ///< for every name
  /// "a.b" or "*.a.b"; an exact one wins, then the longer suffix.
  std::vector<std::pair<std::string, OwnCertificate>> by_host;
  std::vector<OwnCertificate> of_listeners;  ///< what session() will be called with
  /// Whether a route or the dashboard has `host` (lower case, no dot at its end). Asked during
  /// handshakes; every other name gets the loopback certificate.
  std::function<bool(std::string_view host)> has_name;
};

class ServerTls final {
 public:
  explicit ServerTls(LeafStore::Clock clock = [] { return std::time(nullptr); });
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  /// Own certificates are read and checked anew; when one fails nothing changes. The local CA, and
  /// OpenSSL itself when there are no own certificates, wait for the first session.
  Result<void> apply(ServerTlsSettings settings);

  /// For a connection that begins with a ClientHello. `of_listener`: this listener's own
  /// certificate, one of settings.of_listeners, or null. The caller gives it BIOs, and asks for the
  /// ticket of TLS 1.3 (SSL_new_session_ticket) when it first writes.
  Result<SslPtr> session(const OwnCertificate* of_listener);

  /// Whether `host` would have been given the certificate of this connection (421 is answered when
  /// not): false only when one of the two has an own certificate that the other has not.
  bool same_policy(const SSL& connection, std::string_view host) const;

  std::size_t leaves() const { return leaves_.size(); }

 private:
  Result<void> make_context();
  static int choose_certificate(SSL* session, void* self);
  Result<void> present_for(SSL& session, std::string_view host);

  std::optional<KeyLog> key_log_;  ///< opened with the context, closed after it
  SslContextPtr context_;
  OwnCertificates own_;
  LeafStore leaves_;
  std::function<bool(std::string_view)> has_name_;
  std::string last_complaint_;  ///< so that a broken CA fills no log
};

}  // namespace devproxy
