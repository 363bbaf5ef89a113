#include "certs/trust_anchor.h"

#include <sys/stat.h>

#include "certs/trust_bundle.h"
#include "certs/trust_handshake.h"
#include "tests/certs/trust_stage.h"

namespace devproxy {
namespace {

TEST_CASE("trust: an anchor is known by its bytes", "[trust]") {
  const TempDir folder;
  const Anchor anchor = make_anchor(folder.file("a"));
  const Anchor other = make_anchor(folder.file("b"));
  CHECK(anchor.name.starts_with("devproxy CA "));
  CHECK(anchor.sha256 == Authority::load(folder.file("a"))->fingerprint());
  CHECK(anchor.sha1.size() == 40);
  CHECK(anchor.alias() == "devproxy-" + anchor.sha256.substr(0, 8));
  std::string windows = "Bag Attributes\r\n" + folder.read("a/ca.pem");
  for (std::size_t at = windows.find('\n'); at != std::string::npos;
       at = windows.find('\n', at + 2))
    windows.replace(at, 1, "\r\n");
  CHECK(holds(folder.read("b/ca.pem") + windows, anchor));
  CHECK(holds(folder.read("b/ca.pem") + windows, other));
  CHECK_FALSE(holds(folder.read("b/ca.pem"), anchor));
  CHECK_FALSE(holds("-----BEGIN CERTIFICATE-----\n" + anchor.base64, anchor));
  CHECK(read_anchor(folder.file("none")).error().code == Code::missing);
  CHECK_FALSE(read_anchor(folder.write("two", folder.read("a/ca.pem") + folder.read("b/ca.pem"))));
}

TEST_CASE("trust: what was put in is remembered beyond the CA itself", "[trust]") {
  const TempDir folder;
  const std::string state = folder.file("state");
  const Anchor anchor = make_anchor(state);
  REQUIRE(remember(state, anchor).has_value());
  REQUIRE(remember(state, anchor).has_value());
  std::filesystem::remove(state + "/ca.pem");
  const std::vector<Anchor> remembered = remembered_anchors(state);
  REQUIRE(remembered.size() == 1);
  CHECK(remembered[0].sha256 == anchor.sha256);
  CHECK(remembered[0].path != anchor.path);
  forget(state, anchor);
  CHECK(remembered_anchors(state).empty());
}

TEST_CASE("trust: whether today's CA was put in is told from files alone", "[trust]") {
  const TempDir folder;
  const std::string state = folder.file("state");
  CHECK_FALSE(is_remembered(state));
  const Anchor anchor = make_anchor(state);
  CHECK_FALSE(is_remembered(state));
  REQUIRE(remember(state, make_anchor(folder.file("other"))).has_value());
  CHECK_FALSE(is_remembered(state));
  REQUIRE(remember(state, anchor).has_value());
  CHECK(is_remembered(state));
  forget(state, anchor);
  CHECK_FALSE(is_remembered(state));
}

TEST_CASE("trust: a bundle is the system's and ours, written only when it changes", "[trust]") {
  const TempDir folder;
  const std::string root = folder.file("root");
  const std::string state = folder.file("state");
  const Anchor anchor = make_anchor(state);
  const Anchor system = make_anchor(folder.file("system"));
  CHECK(combined_bundle(state, anchor, root).error().code == Code::missing);
  const std::string text = folder.read("system/ca.pem");
  folder.write("root/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
               text.substr(0, text.size() - 1));  // no line end
  const auto bundle = combined_bundle(state, anchor, root);
  REQUIRE(bundle.has_value());
  CHECK(*bundle == state + "/ca-bundle.pem");
  CHECK(folder.read("state/ca-bundle.pem") == text + folder.read("state/ca.pem"));
  struct stat before {};
  ::stat(bundle->c_str(), &before);
  REQUIRE(combined_bundle(state, anchor, root).has_value());
  struct stat after {};
  ::stat(bundle->c_str(), &after);
  CHECK(before.st_ino == after.st_ino);
  // Where the system trusts it already, it is not there twice.
  folder.write("root/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
               folder.read("state/ca.pem") + text);
  REQUIRE(combined_bundle(state, anchor, root).has_value());
  CHECK(certificates_in(folder.read("state/ca-bundle.pem")).size() == 2);
}

TEST_CASE("trust: OpenSSL has the last word on a bundle", "[trust]") {
  const TempDir folder;
  const Anchor anchor = make_anchor(folder.file("a"));
  make_anchor(folder.file("b"));
  CHECK(refusal_by_bundle(folder.file("a/ca.pem"), anchor).empty());
  CHECK(refusal_by_bundle(folder.file("b/ca.pem"), anchor) == "not in it");
  CHECK_THAT(refusal_by_bundle(folder.file("none"), anchor), ContainsSubstring("none"));
}

TEST_CASE("trust: a bundle is tried in a real handshake", "[trust]") {
  const TempDir folder;
  const Anchor anchor = make_anchor(folder.file("a"));
  make_anchor(folder.file("b"));
  const auto ours = Authority::load(folder.file("a"));
  const auto other = Authority::load(folder.file("b"));
  REQUIRE((ours && other));
  CHECK(refusal_in_handshake(anchor.path, *ours).empty());
  // The same name, another key.
  CHECK_FALSE(refusal_in_handshake(anchor.path, *other).empty());
  CHECK_THAT(refusal_in_handshake(folder.file("none.pem"), *ours), ContainsSubstring("none.pem"));
  CHECK(refusal_by_bundle(anchor.path, anchor).empty());
}

}  // namespace
}  // namespace devproxy
