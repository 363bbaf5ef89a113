#include "certs/authority.h"

#include <sys/stat.h>

#include <filesystem>

#include "certs/authority_certificate.h"
#include "certs/extensions.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat there {};
  REQUIRE(stat(path.c_str(), &there) == 0);
  return there.st_mode & 07777U;
}

Authority made_in(const std::string& folder, const std::vector<std::string>& domains = {}) {
  auto made = Authority::load_or_make(folder, domains);
  if (!made) FAIL(made.error().detail);
  return std::move(*made);
}

std::string why(const Result<Authority>& loaded) {
  return loaded ? "loaded" : loaded.error().detail;
}

TEST_CASE("authority: is made once, privately, and found again", "[certs]") {
  const TempDir home;
  const std::string folder = home.file("a/state");
  CHECK(Authority::load(folder).error().code == Code::missing);
  const Authority first = made_in(folder);
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(folder + "/ca.key") == 0600);
  CHECK(mode_of(folder + "/ca.pem") == 0600);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++files;
  CHECK(files == 2);

  const Authority again = made_in(folder, {"internal"});
  CHECK(again.fingerprint() == first.fingerprint());
  CHECK(first.fingerprint().size() == 64);
  CHECK(first.pem() == home.read("a/state/ca.pem"));
  CHECK(Authority::load(folder)->der() == first.der());
}

TEST_CASE("authority: its certificate is a constrained CA for ten years", "[certs]") {
  const TempDir home;
  const Authority authority = made_in(home.file("state"), {"Internal.", "dev.example.com", "test"});
  const auto& certificate = authority.certificate();

  CHECK(X509_get_version(&certificate) == X509_VERSION_3);
  CHECK(X509_check_ca(const_cast<X509*>(&certificate)) == 1);
  CHECK(X509_get_pathlen(const_cast<X509*>(&certificate)) == 0);
  CHECK(X509_get_key_usage(const_cast<X509*>(&certificate)) == (KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  CHECK(X509_get0_subject_key_id(const_cast<X509*>(&certificate)) != nullptr);
  CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(&certificate)) == 256);
  for (const int nid : {NID_basic_constraints, NID_key_usage, NID_name_constraints}) {
    CAPTURE(nid);
    const int at = X509_get_ext_by_NID(&certificate, nid, -1);
    REQUIRE(at >= 0);
    CHECK(X509_EXTENSION_get_critical(X509_get_ext(&certificate, at)) == 1);
  }
  CHECK(authority.permitted_domains() ==
        std::vector<std::string>{"localhost", "test", "internal", "dev.example.com"});
  const std::time_t now = std::time(nullptr);
  CHECK(not_before(certificate) <= now - 3590);
  CHECK(authority.not_after() > now + std::time_t{3650} * 86400);
  CHECK(authority.not_after() < now + std::time_t{3653} * 86400);
  const BigNumberPtr serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  CHECK(BN_num_bits(serial.get()) > 64);
  CHECK_FALSE(BN_is_negative(serial.get()));
}

TEST_CASE("authority: its name tells whose it is, and is its own", "[certs]") {
  const std::string name = authority_name("ada", "engine");
  CHECK(name.substr(0, 23) == "devproxy CA ada@engine ");
  CHECK(name.size() == 31);
  CHECK(authority_name("ada", "engine") != name);
  const std::string cut = authority_name("ada", std::string(100, 'x'));
  CHECK(cut.size() == 64);
  CHECK(cut.substr(54, 2) == "x ");
  CHECK(authority_name("\xc3\xa4", "x\n").substr(0, 18) == "devproxy CA --@x- ");

  const TempDir home;
  CHECK(made_in(home.file("state")).common_name().substr(0, 12) == "devproxy CA ");
}

TEST_CASE("authority: permits its domains and what is below them", "[certs]") {
  const TempDir home;
  const Authority authority = made_in(home.file("state"), {"dev.example.com"});
  for (const char* host :
       {"localhost", "shop.localhost", "a.b.test", "dev.example.com", "x.dev.example.com"}) {
    CAPTURE(host);
    CHECK(authority.permits(host));
  }
  for (const char* host : {"", "example.com", "xtest", "notlocalhost", "evil.dev-example.com",
                           "com", "127.0.0.1", "localhost.example.com"}) {
    CAPTURE(host);
    CHECK_FALSE(authority.permits(host));
  }
}

TEST_CASE("authority: domains beyond it are an error with the way to a new one", "[certs]") {
  const TempDir home;
  const std::string folder = home.file("my state");
  const Authority authority = made_in(folder);
  CHECK(authority.check_domains({"localhost", "test", "deep.test"}).has_value());
  const auto beyond = authority.check_domains({"localhost", "internal", "example.com"});
  REQUIRE_FALSE(beyond.has_value());
  CHECK(beyond.error().source == Source::config);
  CHECK(beyond.error().detail ==
        "the local CA permits localhost, test; it cannot sign for internal, example.com: remove " +
            folder + "/ca.pem and " + folder + "/ca.key (devproxy untrust; rm -f '" + folder +
            "/ca.pem' '" + folder +
            "/ca.key'), then devproxy trust again, or take internal, "
            "example.com out of domains");
  const auto nonsense = Authority::load_or_make(home.file("other"), {"two words"});
  CHECK(why(nonsense) ==
        "\"two words\" in domains is no domain name; write it like internal or dev.example.com, "
        "letters outside ASCII in their xn-- form");
  CHECK(Authority::load(home.file("other")).error().code == Code::missing);
}

TEST_CASE("authority: what it leaves half done after a crash is completed", "[certs]") {
  const TempDir home;
  const std::string folder = home.file("state");
  const Authority first = made_in(folder);
  std::filesystem::remove(folder + "/ca.pem");
  const std::string key = home.read("state/ca.key");
  const Authority second = made_in(folder);
  CHECK(home.read("state/ca.key") == key);
  CHECK(second.fingerprint() != first.fingerprint());
}

/// A CA of the test's own making in `folder`, with the key of the one that was there.
void write_certificate(const std::string& folder, const TempDir& home, std::time_t from,
                       std::time_t until, bool is_ca, bool is_constrained) {
  const KeyPtr key = key_from_pem(home.read("state/ca.key"));
  REQUIRE(key);
  const X509Ptr certificate(X509_new());
  REQUIRE(begin_certificate(*certificate, *key, from, until));
  const NamePtr name = name_of("other");
  X509_set_subject_name(certificate.get(), name.get());
  X509_set_issuer_name(certificate.get(), name.get());
  if (is_ca) REQUIRE(add_extension(*certificate, *certificate, NID_basic_constraints, "CA:TRUE"));
  if (is_constrained)
    REQUIRE(add_extension(*certificate, *certificate, NID_name_constraints, "permitted;DNS:test"));
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  home.replace("state/ca.pem", to_pem(*certificate));
  REQUIRE(std::filesystem::exists(folder + "/ca.pem"));
}

TEST_CASE("authority: one that cannot be used is explained and left alone", "[certs]") {
  const TempDir home;
  const std::string folder = home.file("state");
  made_in(folder);
  const std::string pem = folder + "/ca.pem";
  const std::string key = folder + "/ca.key";
  const std::string way_out = "make a new one: rm -f " + pem + " " + key + "; devproxy trust";
  const std::string good_key = home.read("state/ca.key");
  const std::time_t now = std::time(nullptr);
  std::string expected;

  SECTION("the key is open to others") {
    std::filesystem::permissions(key, std::filesystem::perms(0640));
    expected = key +
               " can be read by others (mode 0640), and who has read it can sign for your "
               "names: chmod 600 " +
               key + "; or, if somebody may have, " + way_out;
  }
  SECTION("the key is gone") {
    std::filesystem::remove(key);
    expected = pem + " has lost its key " + key + "; put it back, or " + way_out;
  }
  SECTION("the key is no key") {
    home.write("state/ca.key", "nonsense");
    expected = key +
               " holds no key that can be read (unsupported); put back the one that was "
               "there, or " +
               way_out;
  }
  SECTION("the key is another one") {
    home.write("state/ca.key", to_pem(**make_key()));
    expected = key + " is not the key of " + pem + "; put back the one that is, or " + way_out;
  }
  SECTION("the certificate is cut off") {
    home.write("state/ca.pem", home.read("state/ca.pem").substr(0, 200));
    expected = pem +
               " does not hold one certificate that can be read; put back the one that was "
               "there, or " +
               way_out;
  }
  SECTION("the certificate is empty") {
    home.write("state/ca.pem", "");
    expected = pem +
               " does not hold one certificate that can be read; put back the one that was "
               "there, or " +
               way_out;
  }
  SECTION("the certificate is a folder") {
    std::filesystem::remove(pem);
    std::filesystem::create_directory(pem);
    expected = "cannot read " + pem + ": Is a directory; mend that, or " + way_out;
  }
  SECTION("it has expired") {
    write_certificate(folder, home, now - 86400, now - 60, true, true);
    expected = "the local CA " + pem + " expired on " + date_text(now - 60) + "; " + way_out;
  }
  SECTION("it is not valid yet") {
    write_certificate(folder, home, now + 86400, now + 2 * 86400, true, true);
    expected = "the local CA " + pem + " is valid only from " + date_text(now + 86400) +
               " on; set this machine's clock, or " + way_out;
  }
  SECTION("it is no CA") {
    write_certificate(folder, home, now - 60, now + 86400, false, true);
    expected = pem + " is no certificate of a CA; " + way_out;
  }
  SECTION("it could sign for everything") {
    write_certificate(folder, home, now - 60, now + 86400, true, false);
    expected =
        pem +
        " could sign for every name there is, and devproxy uses only a CA that is "
        "limited to its domains; use tls = { cert, key } for certificates of another CA, or " +
        way_out;
  }
  const bool is_folder = std::filesystem::is_directory(pem);
  const std::string before = is_folder ? "" : home.read("state/ca.pem");
  CHECK(why(Authority::load(folder)) == expected);
  CHECK(why(Authority::load_or_make(folder, {})) == expected);
  if (!is_folder) CHECK(home.read("state/ca.pem") == before);
}

TEST_CASE("authority: never overwrites an existing key", "[certs]") {
  const TempDir home;
  home.write("state/ca.key", "mine");
  std::filesystem::permissions(home.file("state"), std::filesystem::perms(0700));
  std::filesystem::permissions(home.file("state/ca.key"), std::filesystem::perms(0600));
  CHECK_FALSE(Authority::load_or_make(home.file("state"), {}).has_value());
  CHECK(home.read("state/ca.key") == "mine");
  CHECK_FALSE(std::filesystem::exists(home.file("state/ca.pem")));
}

TEST_CASE("authority: a folder that others may enter is refused", "[certs]") {
  const TempDir home;
  std::filesystem::create_directory(home.file("state"));
  std::filesystem::permissions(home.file("state"), std::filesystem::perms(0755));
  CHECK(why(Authority::load_or_make(home.file("state"), {})) ==
        home.file("state") + " is open to others (mode 0755); chmod 700 " + home.file("state"));
}

}  // namespace
}  // namespace devproxy
