#include "certs/server_tls.h"

#include <sys/stat.h>

#include <filesystem>

#include "tests/certs/served.h"

namespace devproxy {
namespace {

std::string alpn(std::initializer_list<std::string_view> names) {
  std::string wire;
  for (const std::string_view name : names) {
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

TEST_CASE("server tls: the name that a client asks for chooses its certificate", "[certs]") {
  Served served;
  struct Row {
    std::string sni;
    std::string given;
  };
  const Row rows[] = {
      {"shop.localhost", "shop.localhost"},
      {"SHOP.LocalHost", "shop.localhost"},
      {"shop.localhost.", "shop.localhost"},
      {"api.shop.localhost", "api.shop.localhost"},
      {"x.test", "x.test"},
      {"", "localhost"},
      {"localhost", "localhost"},
      {"unknown.localhost", "localhost"},
      {"127.0.0.1", "localhost"},
      {"*.localhost", "localhost"},
      {"shop.localhost..", "localhost"},
      {".shop.localhost", "localhost"},
      {"shop localhost", "localhost"},
      {"sh\xc3\xb6p.localhost", "localhost"},
      {std::string(64, 'a') + ".localhost", "localhost"},
      {std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
           std::string(62, 'd'),
       "localhost"},
      {"site.example.com", "localhost"},  // a route has it, and the CA does not permit it
  };
  for (const Row& row : rows) {
    CAPTURE(row.sni);
    CHECK(served.given(row.sni) == row.given);
  }
  CHECK(served.tls.leaves() == 4);  // three names and loopback: nobody can make it sign more
}

/// A ClientHello of TLS 1.2 with this server_name extension.
std::string hello_with_sni(std::string_view name) {
  const auto two = [](std::size_t n) {
    return std::string{static_cast<char>(n >> 8U), static_cast<char>(n & 0xffU)};
  };
  const std::string entry = '\0' + two(name.size()) + std::string(name);
  const std::string list = two(entry.size()) + entry;
  const std::string extensions = two(0) + two(list.size()) + list;
  const std::string body = std::string("\x03\x03", 2) + std::string(32, 'r') + '\0' +
                           std::string("\x00\x02\xc0\x2b", 4) + std::string("\x01\x00", 2) +
                           two(extensions.size()) + extensions;
  const std::string message = std::string("\x01\x00", 2) + two(body.size()) + body;
  return std::string("\x16\x03\x01", 3) + two(message.size()) + message;
}

TEST_CASE("server tls: a name that no client may send ends it without a leaf", "[certs]") {
  for (const std::string& name : {std::string("shop\0.localhost", 15), std::string(300, 'a')}) {
    CAPTURE(name);
    Served served;
    auto session = served.tls.session(nullptr);
    REQUIRE(session.has_value());
    const std::string hello = hello_with_sni(name);
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(session->get(), in, out);
    BIO_write(in, hello.data(), static_cast<int>(hello.size()));
    const int done = SSL_do_handshake(session->get());
    CHECK(SSL_get_error(session->get(), done) == SSL_ERROR_SSL);
    CHECK(last_error_text() == "bad extension");
    CHECK(served.tls.leaves() == 0);
  }
}

TEST_CASE("server tls: clients that trust the CA accept it by name and by address", "[certs]") {
  Served served;
  const Authority authority =
      std::move(*Authority::load_or_make(served.settings.state_dir, served.settings.domains));
  served.clients = client_context(&authority.certificate());
  for (const char* host : {"shop.localhost", "api.shop.localhost", "deep.api.shop.localhost"}) {
    CAPTURE(host);
    served.names.insert(host);
    TlsPair both = served.pair({host});
    SSL_set1_host(&both.client(), host);
    CHECK(both.handshake());
    CHECK(both.client_error.empty());
  }
  for (const char* address : {"127.0.0.1", "::1"}) {
    CAPTURE(address);
    TlsPair both = served.pair({});
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&both.client()), address);
    CHECK(both.handshake());
  }
}

TEST_CASE("server tls: ALPN settles on h2, then http/1.1, or ends it", "[certs]") {
  Served served;
  struct Row {
    std::string offered;
    std::string chosen;
    std::string error;
  };
  const std::string none = "tlsv1 alert no application protocol";
  const Row rows[] = {
      {alpn({"h2", "http/1.1"}), "h2", ""},
      {alpn({"http/1.1", "h2"}), "h2", ""},
      {alpn({"http/1.1"}), "http/1.1", ""},
      {alpn({"http/1.0", "http/1.1"}), "http/1.1", ""},
      {alpn({"h2"}), "h2", ""},
      {"", "", ""},
      {alpn({"http/1.0"}), "", none},
      {alpn({"h3", "h2c", "acme-tls/1"}), "", none},
  };
  for (const Row& row : rows) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      CAPTURE(row.offered, version);
      TlsPair both = served.pair({"shop.localhost", row.offered, version});
      both.handshake();
      CHECK(both.client_error == row.error);
      CHECK(both.protocol() == row.chosen);
    }
  }
}

TEST_CASE("server tls: speaks TLS 1.2 and 1.3 with forward secrecy, nothing older", "[certs]") {
  Served served;
  struct Row {
    int version;
    const char* ciphers;
    std::string cipher;
  };
  const Row rows[] = {
      {TLS1_3_VERSION, nullptr, "TLS_AES_128_GCM_SHA256"},
      {TLS1_2_VERSION, nullptr, "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
       "ECDHE-ECDSA-CHACHA20-POLY1305"},  // what a client without AES instructions prefers
      {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
       "ECDHE-ECDSA-AES128-GCM-SHA256"},
      {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", ""},
      {TLS1_2_VERSION, "AES128-GCM-SHA256", ""},
      {TLS1_1_VERSION, nullptr, ""},
      {TLS1_VERSION, nullptr, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.version, row.ciphers);
    TlsPair both = served.pair({"shop.localhost", "", row.version, nullptr, row.ciphers});
    const bool done = both.handshake();
    CHECK(done == !row.cipher.empty());
    if (done) CHECK(SSL_get_cipher_name(&both.client()) == row.cipher);
  }
  TlsPair both = served.pair({"shop.localhost"});
  REQUIRE(both.handshake());
  EVP_PKEY* exchanged = nullptr;
  REQUIRE(SSL_get_peer_tmp_key(&both.client(), &exchanged) == 1);
  CHECK(EVP_PKEY_get_id(exchanged) == EVP_PKEY_X25519);
  EVP_PKEY_free(exchanged);
}

TEST_CASE("server tls: a client that comes again resumes by its ticket", "[certs]") {
  Served served;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    TlsPair first = served.pair({"shop.localhost", alpn({"h2"}), version});
    REQUIRE(first.handshake());
    REQUIRE(first.exchange_byte());
    const std::unique_ptr<SSL_SESSION, OpenSslDelete<SSL_SESSION_free>> kept(
        SSL_get1_session(&first.client()));
    REQUIRE(SSL_SESSION_is_resumable(kept.get()) == 1);
    TlsPair second = served.pair({"shop.localhost", alpn({"h2"}), version, kept.get()});
    REQUIRE(second.handshake());
    CHECK(SSL_session_reused(&second.client()) == 1);
    CHECK(SSL_session_reused(&second.server()) == 1);
    CHECK(second.protocol() == "h2");

    TlsPair elsewhere = served.pair({"x.test", alpn({"h2"}), version, kept.get()});
    REQUIRE(elsewhere.handshake());
    CHECK(SSL_session_reused(&elsewhere.client()) == 0);
    CHECK(elsewhere.names() == "x.test");

    Served other;  // with ticket keys of its own
    TlsPair third = other.pair({"shop.localhost", alpn({"h2"}), version, kept.get()});
    REQUIRE(third.handshake());
    CHECK(SSL_session_reused(&third.client()) == 0);
  }
}

TEST_CASE("server tls: remembers 512 names, the last used", "[certs]") {
  Served served;
  served.settings.has_name = [](std::string_view) { return true; };
  served.apply();
  for (int i = 0; i < 600; ++i) {
    const std::string host = "n" + std::to_string(i) + ".localhost";
    REQUIRE(served.given(host) == host);
  }
  CHECK(served.tls.leaves() == LeafStore::max_leaves);
  CHECK(served.given("n0.localhost") == "n0.localhost");
  CHECK(served.tls.leaves() == LeafStore::max_leaves);
}

TEST_CASE("server tls: a broken CA is an alert for the client, and heals", "[certs]") {
  Served served;
  const Authority authority =
      std::move(*Authority::load_or_make(served.settings.state_dir, served.settings.domains));
  std::filesystem::permissions(served.home.file("state/ca.key"), std::filesystem::perms(0644));
  CHECK(served.given("shop.localhost") == "!tlsv1 alert internal error");
  std::filesystem::permissions(served.home.file("state/ca.key"), std::filesystem::perms(0600));
  CHECK(served.given("shop.localhost") == "shop.localhost");
}

TEST_CASE("server tls: a new CA is noticed without a restart", "[certs]") {
  Served served;
  CHECK(served.given("shop.localhost") == "shop.localhost");
  std::filesystem::remove(served.home.file("state/ca.pem"));
  std::filesystem::remove(served.home.file("state/ca.key"));
  const Authority fresh = std::move(*Authority::load_or_make(served.settings.state_dir, {}));
  served.now += 2;
  TlsPair both = served.pair({"shop.localhost"});
  REQUIRE(both.handshake());
  CHECK(issuer_name(*SSL_get0_peer_certificate(&both.client())) == fresh.common_name());
}

TEST_CASE("server tls: leaves are signed anew at two thirds of their life", "[certs]") {
  Served served;
  const auto serial = [&served] {
    TlsPair both = served.pair({"shop.localhost"});
    REQUIRE(both.handshake());
    const X509* leaf = SSL_get0_peer_certificate(&both.client());
    const ASN1_INTEGER* number = X509_get0_serialNumber(leaf);
    return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(number)),
                       static_cast<std::size_t>(ASN1_STRING_length(number)));
  };
  const std::string first = serial();
  served.now += 59 * 86400;
  CHECK(serial() == first);
  served.now += 86400;
  CHECK(serial() != first);
}

TEST_CASE("server tls: nothing is read or made before the first client", "[certs]") {
  Served served;
  CHECK_FALSE(std::filesystem::exists(served.settings.state_dir));
}

}  // namespace
}  // namespace devproxy
