// NSS databases: where they are looked for, and what is done with them; with NSS's real certutil.
#include "certs/trust_nss.h"

#include <filesystem>

#include "tests/certs/trust_stage.h"

namespace devproxy {
namespace {

std::vector<std::string> folders(const std::vector<NssDatabase>& found, const TrustStage& stage) {
  std::vector<std::string> result;
  for (const NssDatabase& database : found) {
    std::string path = database.folder;
    if (path.starts_with(stage.home())) path = "~" + path.substr(stage.home().size());
    result.push_back(database.name + ": " + path + (database.may_be_made ? " (to make)" : ""));
  }
  return result;
}

TEST_CASE("trust: databases of browsers are found wherever they are", "[trust]") {
  TrustStage stage;
  stage.variables["XDG_DATA_HOME"] = stage.home() + "/data";
  for (const char* folder :
       {".pki/nssdb", "data/pki/nssdb", "snap/chromium/current/.pki/nssdb",
        ".var/app/com.google.Chrome/data/pki/nssdb", ".mozilla/firefox/b.default",
        ".mozilla/firefox/a.work", ".config/mozilla/firefox/c.default-esr",
        "snap/firefox/common/.mozilla/firefox/d",
        ".var/app/org.mozilla.firefox/.mozilla/firefox/e"})
    stage.touch(std::string("home/") + folder + "/cert9.db");
  stage.touch("home/.mozilla/firefox/Crash Reports/none");
  stage.touch("home/.var/app/org.chromium.Chromium/config/none");
  CHECK(folders(find_nss_databases(stage.surroundings()), stage) ==
        std::vector<std::string>{
            "Chrome, Chromium: ~/.pki/nssdb", "Chrome, Chromium: ~/data/pki/nssdb",
            "Chromium (snap): ~/snap/chromium/current/.pki/nssdb",
            "Chromium (flatpak): ", "Chrome (flatpak): ~/.var/app/com.google.Chrome/data/pki/nssdb",
            "Firefox: ~/.mozilla/firefox/a.work", "Firefox: ~/.mozilla/firefox/b.default",
            "Firefox: ~/.config/mozilla/firefox/c.default-esr",
            "Firefox (snap): ~/snap/firefox/common/.mozilla/firefox/d",
            "Firefox (flatpak): ~/.var/app/org.mozilla.firefox/.mozilla/firefox/e"});
}

TEST_CASE("trust: a database for Chromium is made only where that hides no other", "[trust]") {
  TrustStage stage;
  const auto chromium = [&stage] {
    return folders(find_nss_databases(stage.surroundings()), stage).front();
  };
  CHECK(chromium() == "Chrome, Chromium: ");  // none is installed
  stage.runner.install("google-chrome");
  CHECK(chromium() == "Chrome, Chromium: ~/.pki/nssdb (to make)");
  stage.touch("home/.local/share/pki/nssdb/cert9.db");
  CHECK(chromium() == "Chrome, Chromium: ~/.local/share/pki/nssdb");
  stage.touch("home/.pki/nssdb/none");  // the empty folder decides as a full one does
  CHECK(chromium() == "Chrome, Chromium: ~/.pki/nssdb (to make)");
}

TEST_CASE("trust: without certutil each system's package is named", "[trust]") {
  const auto [manager, hint] = GENERATE(table<const char*, const char*>({
      {"apt-get", "sudo apt install libnss3-tools, then devproxy trust"},
      {"dnf", "sudo dnf install nss-tools, then devproxy trust"},
      {"zypper", "sudo zypper install mozilla-nss-tools, then devproxy trust"},
      {"pacman", "sudo pacman -S nss, then devproxy trust"},
      {"apk", "sudo apk add nss-tools, then devproxy trust"},
  }));
  TrustStage stage;
  stage.runner.install(manager);
  stage.touch("home/.pki/nssdb/cert9.db");
  const auto store =
      nss_store(stage.runner, {"Chromium", stage.folder.file("home/.pki/nssdb"), false, ""});
  CHECK(store->check(stage.anchor).why == "certutil is missing");
  CHECK(store->check(stage.anchor).next == hint);
  CHECK(store->put(stage.anchor).obstacle == "certutil is missing");
}

/// With the real certutil: libnss3-tools.
struct RealDatabase {
  TrustStage stage;
  SystemRunner runner;
  std::string folder = stage.folder.file("home/.pki/nssdb");
  Surroundings surroundings = stage.surroundings(runner, false);
  TrustStores stores;

  RealDatabase() {
    if (!runner.find("certutil")) FAIL("certutil is missing; ./dev setup installs libnss3-tools");
    stores.push_back(nss_store(runner, {"Chromium", folder, true, ""}));
  }
  StoreReport run(TrustAction action, const std::vector<Anchor>& anchors) {
    TrustRun trust(surroundings, stores, anchors);
    trust.begin(action, false);
    return trust.reports().front();
  }
  CommandResult certutil(Words words) {
    words.insert(words.begin(), "certutil");
    words.insert(words.end(), {"-d", "sql:" + folder});
    return runner.run(words, {}).value();
  }
  std::string list() { return certutil({"-L"}).output; }
};

TEST_CASE("trust: a CA goes into an NSS database and out of it again", "[trust]") {
  RealDatabase nss;
  const std::vector<Anchor>& anchors = nss.stage.anchors;
  CHECK(nss.run(TrustAction::check, anchors).why == "no certificate database yet");
  const StoreReport put = nss.run(TrustAction::put, anchors);
  CHECK(put.state == TrustState::trusted);
  CHECK(put.changed);
  CHECK(std::filesystem::status(nss.folder).permissions() == std::filesystem::perms::owner_all);
  CHECK(nss.run(TrustAction::check, anchors).state == TrustState::trusted);
  CHECK_FALSE(nss.run(TrustAction::put, anchors).changed);
  CHECK_THAT(nss.list(), ContainsSubstring(nss.stage.anchor.name));
  const StoreReport taken = nss.run(TrustAction::take_back, anchors);
  CHECK(taken.changed);
  CHECK_FALSE(taken.failed);
  CHECK(nss.list().find(nss.stage.anchor.name) == std::string::npos);
  CHECK_FALSE(nss.run(TrustAction::take_back, anchors).changed);
}

TEST_CASE("trust: other certificates in a database are left alone", "[trust]") {
  RealDatabase nss;
  const Anchor& ours = nss.stage.anchor;
  REQUIRE(nss.run(TrustAction::put, nss.stage.anchors).state == TrustState::trusted);
  const Anchor similar = make_anchor(nss.stage.folder.file("similar"));
  REQUIRE(nss.certutil({"-A", "-t", "C,,", "-n", ours.name + " 2", "-i", similar.path}).worked());
  nss.run(TrustAction::take_back, nss.stage.anchors);
  CHECK_THAT(nss.list(), ContainsSubstring(ours.name + " 2"));

  // Even one that has our very name.
  const Anchor stranger = make_anchor(nss.stage.folder.file("stranger"));
  REQUIRE(nss.certutil({"-A", "-t", "C,,", "-n", ours.name, "-i", stranger.path}).worked());
  CHECK(nss.run(TrustAction::check, nss.stage.anchors).why == "another certificate has its name");
  CHECK_FALSE(nss.run(TrustAction::take_back, nss.stage.anchors).changed);
  CHECK(certificates_in(nss.certutil({"-L", "-a", "-n", ours.name}).output) ==
        std::vector<std::string>{stranger.base64});
}

TEST_CASE("trust: an older CA of ours is taken back with the one in use", "[trust]") {
  RealDatabase nss;
  const Anchor older = make_anchor(nss.stage.folder.file("older"));
  REQUIRE(nss.run(TrustAction::put, {older}).state == TrustState::trusted);
  REQUIRE(nss.run(TrustAction::put, nss.stage.anchors).state == TrustState::trusted);
  const StoreReport taken = nss.run(TrustAction::take_back, {nss.stage.anchor, older});
  CHECK(taken.changed);
  CHECK_FALSE(taken.failed);
  CHECK(nss.list().find("devproxy") == std::string::npos);
}

TEST_CASE("trust: a CA without its trust bit is not called trusted", "[trust]") {
  RealDatabase nss;
  const Anchor& ours = nss.stage.anchor;
  REQUIRE(nss.run(TrustAction::put, nss.stage.anchors).state == TrustState::trusted);
  REQUIRE(nss.certutil({"-M", "-t", ",,", "-n", ours.name}).worked());
  CHECK(nss.run(TrustAction::check, nss.stage.anchors).why == "in it, but without trust");
  const StoreReport again = nss.run(TrustAction::put, nss.stage.anchors);
  CHECK(again.state == TrustState::trusted);
}

TEST_CASE("trust: a primary password is named, and never waited for", "[trust]") {
  RealDatabase nss;
  std::filesystem::create_directories(nss.folder);
  const std::string password = nss.stage.folder.write("password", "secret\n");
  REQUIRE(nss.certutil({"-N", "-f", password}).worked());
  const StoreReport put = nss.run(TrustAction::put, nss.stage.anchors);
  CHECK(put.failed);
  CHECK(put.state == TrustState::not_trusted);
  CHECK(put.why == "a primary password protects it");
  CHECK_THAT(put.next, ContainsSubstring("certutil -A -d sql:" + nss.folder + " -t C,, -n '"));
  const StoreReport taken = nss.run(TrustAction::take_back, nss.stage.anchors);
  CHECK_FALSE(taken.failed);
  CHECK(nss.list().find("devproxy") == std::string::npos);
}

}  // namespace
}  // namespace devproxy
