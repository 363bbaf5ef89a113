#include "certs/client_tls.h"

#include <cstdlib>

#include "certs/handshake_failure.h"
#include "tests/certs/served.h"

namespace devproxy {
namespace {

/// A service with one certificate and no opinions.
SslContextPtr service(X509& certificate, EVP_PKEY& key) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  REQUIRE(SSL_CTX_use_cert_and_key(context.get(), &certificate, &key, nullptr, 1) == 1);
  return context;
}

SslPtr served_by(SSL_CTX& service) {
  SslPtr session(SSL_new(&service));
  SSL_set_accept_state(session.get());
  return session;
}

/// A CA, a service with a leaf of it, and its clients.
struct Upstream {
  TempDir home;
  Authority authority =
      std::move(*Authority::load_or_make(home.file("ca"), {"internal", "example.com"}));
  std::string ca = home.write("ca-file.pem", authority.pem());
  KeyPtr key = std::move(*make_key());
  std::time_t now = std::time(nullptr);
  ClientTls tls;

  X509Ptr leaf(const LeafNames& names, std::time_t at) const {
    return std::move(*make_leaf(authority, *key, names, at));
  }
  X509Ptr leaf(std::string_view host) const { return leaf(names_of_host(host), now); }

  SslPtr client(const std::string& host, bool insecure, const std::string& ca_file,
                bool http1_only = false) {
    auto session = tls.session(host, insecure, ca_file, http1_only);
    if (!session) FAIL(session.error().detail);
    return std::move(*session);
  }
  /// "" when they understood each other, else why not.
  std::string speak(X509& certificate, const std::string& host, bool insecure,
                    const std::string& ca_file) {
    return speak(certificate, *key, host, insecure, ca_file);
  }
  std::string speak(X509& certificate, EVP_PKEY& with, const std::string& host, bool insecure,
                    const std::string& ca_file) {
    const SslContextPtr context = service(certificate, with);
    const SslPtr server = served_by(*context);
    const SslPtr client_side = client(host, insecure, ca_file);
    BIO* to_server = nullptr;
    BIO* to_client = nullptr;
    BIO_new_bio_pair(&to_server, 0, &to_client, 0);
    SSL_set_bio(server.get(), to_server, to_server);
    SSL_set_bio(client_side.get(), to_client, to_client);
    for (int round = 0; round < 10; ++round) {
      ERR_clear_error();
      const int done = SSL_do_handshake(client_side.get());
      if (done == 1) return "";
      if (SSL_get_error(client_side.get(), done) == SSL_ERROR_SSL)
        return handshake_failure(*client_side, host);
      SSL_do_handshake(server.get());
    }
    return "no end";
  }
};

constexpr const char* or_insecure = "or insecure = true to accept any certificate";

TEST_CASE("client tls: a service is believed for its names, by a CA that is trusted", "[certs]") {
  Upstream up;
  const X509Ptr name = up.leaf("api.internal");
  const X509Ptr addresses = up.leaf(names_of_loopback(), up.now);
  CHECK(up.speak(*name, "api.internal", false, up.ca) == "");
  CHECK(up.speak(*name, "api.internal.", false, up.ca) == "");
  CHECK(up.speak(*name, "v2.api.internal", false, up.ca) == "");
  CHECK(up.speak(*addresses, "127.0.0.1", false, up.ca) == "");
  CHECK(up.speak(*addresses, "::1", false, up.ca) == "");
  CHECK(up.speak(*addresses, "localhost", false, up.ca) == "");
}

TEST_CASE("client tls: says why a service is not believed, and insecure believes it", "[certs]") {
  Upstream up;
  struct Row {
    X509Ptr certificate;
    std::string host;
    std::string ca;
    std::string expected;
  };
  std::vector<Row> rows;
  const auto row = [&rows](X509Ptr certificate, std::string host, std::string ca,
                           std::string expected) {
    rows.push_back({std::move(certificate), std::move(host), std::move(ca), std::move(expected)});
  };
  row(up.leaf("api.internal"), "web.internal", up.ca,
      "the certificate of web.internal is for other names: api.internal, *.api.internal; use a url "
      "with a name that it is for, ");
  row(up.leaf(LeafNames{"only", {"only.internal"}, {}}, up.now), "web.internal", up.ca,
      "the certificate of web.internal is for another name: only.internal; use a url with a name "
      "that it is for, ");
  row(up.leaf(names_of_loopback(), up.now), "127.0.0.2", up.ca,
      "the certificate of 127.0.0.2 is for other names: localhost, 127.0.0.1, ::1; use "
      "a url with a name that it is for, ");
  row(up.leaf("api.internal"), "api.internal", "",
      "the certificate of api.internal comes from \"" + up.authority.common_name() +
          "\", which is not trusted here; set ca = \"<a PEM file with that CA>\", ");
  row(up.leaf(names_of_host("api.internal"), up.now - 100 * 86400), "api.internal", up.ca,
      "the certificate of api.internal expired on " +
          date_text(up.now - 10 * 86400 - clock_tolerance) + "; renew it, ");
  row(up.leaf(names_of_host("api.internal"), up.now + 86400), "api.internal", up.ca,
      "the certificate of api.internal is valid only from " +
          date_text(up.now + 86400 - clock_tolerance) +
          " on; set the clock of this machine or of the one that made it, ");
  row(up.leaf("example.org"), "example.org", up.ca,
      "the certificate of example.org comes from a CA that may not sign for its names (permitted "
      "subtree violation); have it made by another one, ");
  for (const Row& one : rows) {
    CAPTURE(one.host, one.expected);
    CHECK(up.speak(*one.certificate, one.host, false, one.ca) == one.expected + or_insecure);
    CHECK(up.speak(*one.certificate, one.host, true, one.ca) == "");
  }
}

TEST_CASE("client tls: a self-signed service is named so, and trusted by its own file", "[certs]") {
  Upstream up;
  const OwnCertificate own = write_own(up.home, "self", {"self.internal"});
  const X509Ptr certificate = std::move(certificates_from_pem(up.home.read("self.pem")).front());
  const KeyPtr key = key_from_pem(up.home.read("self.key"));
  CHECK(up.speak(*certificate, *key, "self.internal", false, up.ca) ==
        std::string("the certificate of self.internal is self-signed; set ca = \"<a PEM file with "
                    "it>\", ") +
            or_insecure);
  CHECK(up.speak(*certificate, *key, "self.internal", false, own.cert) == "");
  CHECK(up.speak(*certificate, *key, "self.internal", true, "") == "");
}

TEST_CASE("client tls: a certificate with very many names does not fill the screen", "[certs]") {
  Upstream up;
  LeafNames names{"many", {}, {}};
  for (int i = 0; i < 20; ++i) names.hosts.push_back("n" + std::to_string(i) + ".internal");
  const X509Ptr many = up.leaf(names, up.now);
  CHECK_THAT(up.speak(*many, "web.internal", false, up.ca),
             ContainsSubstring("n6.internal, n7.internal and 12 more; "));
}

TEST_CASE("client tls: the system's CAs are where SSL_CERT_FILE says", "[certs]") {
  Upstream up;
  const X509Ptr leaf = up.leaf("api.internal");
  setenv("SSL_CERT_FILE", up.ca.c_str(), 1);
  ClientTls fresh;
  CHECK(up.speak(*leaf, "api.internal", false, "") == "");
  unsetenv("SSL_CERT_FILE");
}

TEST_CASE("client tls: a CA file that cannot be used is an error, and heals", "[certs]") {
  Upstream up;
  const std::string ca = up.home.file("later.pem");
  const auto none = up.tls.session("api.internal", false, ca, false);
  REQUIRE_FALSE(none.has_value());
  CHECK_THAT(none.error().detail, ContainsSubstring("ca = \"" + ca + "\" cannot be used: "));
  CHECK_THAT(none.error().detail, ContainsSubstring("PEM certificates of the CAs to trust"));
  up.home.write("later.pem", up.authority.pem());
  CHECK(up.speak(*up.leaf("api.internal"), "api.internal", false, ca) == "");
}

TEST_CASE("client tls: offers h2 and http/1.1, or http/1.1 alone, and the name", "[certs]") {
  Served served;
  Upstream up;
  struct Row {
    const char* host;
    bool http1_only;
    const char* protocol;
    const char* given;
  };
  const Row rows[] = {{"shop.localhost", false, "h2", "shop.localhost"},
                      {"shop.localhost.", false, "h2", "shop.localhost"},
                      {"shop.localhost", true, "http/1.1", "shop.localhost"},
                      {"127.0.0.1", false, "h2", "localhost"}};
  for (const Row& row : rows) {
    CAPTURE(row.host, row.http1_only);
    auto session = served.tls.session(nullptr);
    REQUIRE(session.has_value());
    TlsPair both(std::move(*session), up.client(row.host, true, "", row.http1_only));
    REQUIRE(both.handshake());
    CHECK(both.protocol() == row.protocol);
    CHECK(both.names() == row.given);
    CHECK((SSL_get_servername(&both.server(), TLSEXT_NAMETYPE_host_name) == nullptr) ==
          (std::string(row.host) == "127.0.0.1"));
  }
}

TEST_CASE("client tls: a service that speaks no TLS, or ends it, is told as that", "[certs]") {
  Upstream up;
  const auto failure = [&up](std::string_view answer) {
    const SslPtr client = up.client("api.internal", false, up.ca);
    BIO* in = BIO_new(BIO_s_mem());
    BIO_write(in, answer.data(), static_cast<int>(answer.size()));
    BIO_set_mem_eof_return(in, 0);
    SSL_set_bio(client.get(), in, BIO_new(BIO_s_mem()));
    ERR_clear_error();
    SSL_do_handshake(client.get());
    return handshake_failure(*client, "api.internal");
  };
  CHECK(failure("HTTP/1.1 400 Bad Request\r\n\r\n") ==
        "api.internal does not speak TLS there (wrong version number); use http:// in its url");
  CHECK(failure({"\x15\x03\x03\x00\x02\x02\x28", 7}) ==
        "no TLS with api.internal: sslv3 alert handshake failure; see its log for its side");
  CHECK_THAT(failure(""), ContainsSubstring("api.internal"));
}

}  // namespace
}  // namespace devproxy
