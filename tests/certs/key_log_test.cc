#include "certs/key_log.h"

#include <sys/stat.h>

#include <cstdlib>

#include "certs/client_tls.h"
#include "tests/certs/served.h"

namespace devproxy {
namespace {

/// In the environment as long as it lives.
struct KeyLogFile {
  explicit KeyLogFile(const std::string& path) { setenv("SSLKEYLOGFILE", path.c_str(), 1); }
  ~KeyLogFile() { unsetenv("SSLKEYLOGFILE"); }
  KeyLogFile(const KeyLogFile&) = delete;
  KeyLogFile& operator=(const KeyLogFile&) = delete;
};

TEST_CASE("key log: secrets of both sides are appended to SSLKEYLOGFILE", "[certs]") {
  const TempDir home;
  const KeyLogFile asked(home.file("keys"));
  Served served;
  ClientTls client_tls;
  auto session = served.tls.session(nullptr);
  auto client = client_tls.session("shop.localhost", true, "", false);
  REQUIRE(session.has_value());
  REQUIRE(client.has_value());
  TlsPair both(std::move(*session), std::move(*client));
  REQUIRE(both.handshake());
  const std::string secrets = home.read("keys");
  const std::size_t first = secrets.find("SERVER_HANDSHAKE_TRAFFIC_SECRET ");
  REQUIRE(first != std::string::npos);
  CHECK(secrets.find("SERVER_HANDSHAKE_TRAFFIC_SECRET ", first + 1) != std::string::npos);
  CHECK(secrets.back() == '\n');
  struct stat there {};
  REQUIRE(stat(home.file("keys").c_str(), &there) == 0);
  CHECK((there.st_mode & 0777U) == 0600);

  Served again;
  CHECK(again.given("shop.localhost") == "shop.localhost");
  CHECK(home.read("keys").substr(0, secrets.size()) == secrets);
  CHECK(home.read("keys").size() > secrets.size());
}

TEST_CASE("key log: a file that cannot be written stops nobody", "[certs]") {
  const TempDir home;
  const KeyLogFile asked(home.file("no/such/folder/keys"));
  Served served;
  CHECK(served.given("shop.localhost") == "shop.localhost");
}

}  // namespace
}  // namespace devproxy
