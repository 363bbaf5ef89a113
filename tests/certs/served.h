// A ServerTls with a CA in a folder of its own, and clients that trust it.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "certs/extensions.h"
#include "certs/leaf.h"
#include "certs/server_tls.h"
#include "tests/certs/tls_pair.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {

/// A self-signed certificate and its key as two files.
inline OwnCertificate write_own(const TempDir& home, const std::string& name,
                                const std::vector<std::string>& hosts, std::time_t from = 0,
                                std::time_t until = 0) {
  const std::time_t now = std::time(nullptr);
  const KeyPtr key = std::move(*make_key());
  const X509Ptr made(X509_new());
  REQUIRE(begin_certificate(*made, *key, from != 0 ? from : now - 60,
                            until != 0 ? until : now + 86400));
  const NamePtr subject = name_of(name);
  X509_set_subject_name(made.get(), subject.get());
  X509_set_issuer_name(made.get(), subject.get());
  REQUIRE(add_alternative_names(*made, hosts, {}, false));
  REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
  return {home.write(name + ".pem", to_pem(*made)), home.write(name + ".key", to_pem(*key))};
}

struct Served {
  TempDir home;
  std::time_t now = std::time(nullptr);
  std::set<std::string> names{"shop.localhost", "api.shop.localhost", "x.test", "site.example.com"};
  ServerTls tls{[this] { return now; }};
  ServerTlsSettings settings{
      home.file("state"), {"localhost", "test"}, {}, {}, {}, [this](std::string_view host) {
        return names.count(std::string(host)) == 1;
      }};
  SslContextPtr clients = client_context();

  explicit Served(bool apply_now = true) {
    if (apply_now) apply();
  }
  void apply() {
    const auto applied = tls.apply(settings);
    if (!applied) FAIL(applied.error().detail);
  }
  TlsPair pair(const Asks& asks, const OwnCertificate* of_listener = nullptr) {
    auto session = tls.session(of_listener);
    if (!session) FAIL(session.error().detail);
    return {std::move(*session), client_session(*clients, asks)};
  }
  /// The CN of what a client that asks for `sni` is given; "!" and the reason when it fails.
  std::string given(const std::string& sni, const OwnCertificate* of_listener = nullptr) {
    TlsPair both = pair({sni}, of_listener);
    return both.handshake() ? both.names() : "!" + both.client_error;
  }
};

}  // namespace devproxy
