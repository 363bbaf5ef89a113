#include "certs/own_certificates.h"

#include <filesystem>

#include "tests/certs/served.h"

namespace devproxy {
namespace {

TEST_CASE("own certificates: host before suffix before listener before all", "[certs]") {
  Served served(false);
  const auto own = [&served](const std::string& name) {
    return write_own(served.home, name, {name + ".example"});
  };
  const OwnCertificate listener = own("listener");
  served.settings.of_listeners = {listener};
  served.settings.by_host = {{"shop.localhost", own("exact")},
                             {"*.shop.localhost", own("suffix")},
                             {"*.api.shop.localhost", own("longer")},
                             {"Deep.API.shop.localhost.", own("deep")}};
  served.apply();
  struct Row {
    const char* sni;
    const char* here;
    const char* at_listener;
  };
  const Row rows[] = {
      {"shop.localhost", "exact", "exact"},
      {"a.shop.localhost", "suffix", "suffix"},
      {"a.b.shop.localhost", "suffix", "suffix"},
      {"api.shop.localhost", "suffix", "suffix"},
      {"x.api.shop.localhost", "longer", "longer"},
      {"deep.api.shop.localhost", "deep", "deep"},
      {"x.test", "x.test", "listener"},
      {"notshop.localhost", "localhost", "listener"},
      {"", "localhost", "listener"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sni);
    CHECK(served.given(row.sni) == row.here);
    CHECK(served.given(row.sni, &listener) == row.at_listener);
  }
  served.settings.own = own("all");
  served.apply();
  CHECK(served.given("x.test") == "all");
  CHECK(served.given("") == "all");
  CHECK(served.given("x.test", &listener) == "listener");
  CHECK(served.given("shop.localhost", &listener) == "exact");
}

TEST_CASE("own certificates: where all is our own no local CA is made", "[certs]") {
  Served served(false);
  served.settings.own = write_own(served.home, "all", {"x.test"});
  served.apply();
  CHECK(served.given("x.test") == "all");
  CHECK_FALSE(std::filesystem::exists(served.settings.state_dir));
}

TEST_CASE("own certificates: 421 is for hosts of another certificate only", "[certs]") {
  Served served(false);
  const OwnCertificate own = write_own(served.home, "own", {"*.shop.localhost"});
  const OwnCertificate listener = write_own(served.home, "listener", {"x.test"});
  served.settings.by_host = {{"*.shop.localhost", own}, {"z.test", own}};
  served.settings.of_listeners = {listener};
  served.apply();
  struct Row {
    const char* sni;
    const char* host;
    bool same;
  };
  const Row rows[] = {
      {"x.test", "x.test", true},
      {"x.test", "other.localhost", true},
      {"", "shop.localhost", true},
      {"a.shop.localhost", "B.shop.localhost.", true},
      {"a.shop.localhost", "z.test", true},
      {"a.shop.localhost", "x.test", false},
      {"a.shop.localhost", "127.0.0.1", false},
      {"x.test", "a.shop.localhost", false},
      {"", "a.shop.localhost", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sni, row.host);
    for (const OwnCertificate* at : {static_cast<const OwnCertificate*>(nullptr), &listener}) {
      TlsPair both = served.pair({row.sni}, at);
      REQUIRE(both.handshake());
      CHECK(served.tls.same_policy(both.server(), row.host) == row.same);
    }
  }
}

TEST_CASE("own certificates: one that cannot be used is explained and changes nothing", "[certs]") {
  Served served(false);
  const TempDir& home = served.home;
  const OwnCertificate good = write_own(home, "good", {"x.test"});
  served.settings.own = good;
  served.apply();
  const std::time_t now = std::time(nullptr);
  OwnCertificate bad = write_own(home, "bad", {"x.test"});
  std::string expected;

  SECTION("no certificate file") {
    bad.cert = home.file("none.pem");
    expected = "cannot read " + bad.cert + ": No such file or directory";
  }
  SECTION("no certificate in it") {
    home.write("bad.pem", "nonsense");
    expected = bad.cert +
               " holds no certificate in PEM form (no start line); convert it with "
               "openssl x509 -inform der";
  }
  SECTION("the key of another one") {
    bad.key = good.key;
    expected =
        bad.key + " is not the key of " + bad.cert + "; give the two that were made together";
  }
  SECTION("a certificate instead of the key") {
    bad.key = bad.cert;
    expected = bad.key +
               " holds no key in PEM form without a password (unsupported); take the "
               "password away with openssl pkey -in " +
               bad.key;
  }
  SECTION("expired") {
    bad = write_own(home, "old", {"x.test"}, now - 86400, now - 3600);
    expected = bad.cert + " expired on " + date_text(now - 3600) +
               "; renew it, or leave tls away "
               "for a certificate of the local CA";
  }
  SECTION("not valid yet") {
    bad = write_own(home, "new", {"x.test"}, now + 86400, now + 2 * 86400);
    expected = bad.cert + " is valid only from " + date_text(now + 86400) +
               " on; set this "
               "machine's clock";
  }
  SECTION("a key that OpenSSL's policy refuses") {
    const KeyPtr key(EVP_RSA_gen(1024));
    const X509Ptr weak(X509_new());
    REQUIRE(begin_certificate(*weak, *key, now - 60, now + 86400));
    REQUIRE(X509_sign(weak.get(), key.get(), EVP_sha256()) > 0);
    bad = {home.write("weak.pem", to_pem(*weak)), home.write("weak.key", to_pem(*key))};
    expected = bad.cert + " cannot be used: ee key too small; make a new one";
  }
  served.settings.own.reset();
  for (int way = 0; way < 3; ++way) {
    ServerTlsSettings settings = served.settings;
    if (way == 0) settings.own = bad;
    if (way == 1) settings.by_host = {{"x.test", good}, {"y.test", bad}};
    if (way == 2) settings.of_listeners = {good, bad};
    const auto applied = served.tls.apply(std::move(settings));
    REQUIRE_FALSE(applied.has_value());
    CHECK(applied.error().detail == expected);
    CHECK(served.given("x.test") == "good");
  }
}

TEST_CASE("own certificates: a renewed file is used after the next apply", "[certs]") {
  Served served(false);
  const std::time_t until = std::time(nullptr) + 86400;
  served.settings.own = write_own(served.home, "mine", {"x.test"}, 0, until);
  served.apply();
  TlsPair before = served.pair({"x.test"});
  served.settings.own = write_own(served.home, "mine", {"x.test"}, 0, until + 86400);
  served.apply();
  TlsPair after = served.pair({"x.test"});
  REQUIRE(before.handshake());  // also one that had only begun is served
  REQUIRE(after.handshake());
  CHECK(not_after(*SSL_get0_peer_certificate(&after.client())) == until + 86400);
}

TEST_CASE("own certificates: RSA and the chain to its root are sent", "[certs]") {
  Served served(false);
  const std::time_t now = std::time(nullptr);
  const Authority root = std::move(*Authority::load_or_make(served.home.file("root"), {}));
  const KeyPtr key(EVP_RSA_gen(2048));
  const X509Ptr leaf = std::move(*make_leaf(root, *key, names_of_host("rsa.test"), now));
  served.settings.own = OwnCertificate{served.home.write("rsa.pem", to_pem(*leaf) + root.pem()),
                                       served.home.write("rsa.key", to_pem(*key))};
  served.apply();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPair both = served.pair({"rsa.test", "", version});
    REQUIRE(both.handshake());
    CHECK(both.names() == "rsa.test");
    CHECK(sk_X509_num(SSL_get_peer_cert_chain(&both.client())) == 2);
  }
}

}  // namespace
}  // namespace devproxy
