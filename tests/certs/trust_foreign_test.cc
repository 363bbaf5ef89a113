// Stores of systems that are not this one: macOS, WSL, Java. Their programs are played.
#include <unistd.h>

#include "certs/trust_java.h"
#include "certs/trust_keychain.h"
#include "certs/trust_windows.h"
#include "tests/certs/trust_stage.h"

namespace devproxy {
namespace {

TEST_CASE("trust: the macOS keychain is asked for the bytes, and emptied by hash", "[trust]") {
  TrustStage stage;
  const std::string keychain = stage.folder.write("root/Library/Keychains/System.keychain", "");
  bool put = false;
  stage.runner.install("sudo");
  stage.runner.install("security", [&](const Words& words) {
    if (words.at(1) == "add-trusted-cert") put = true;
    if (words.at(1) == "delete-certificate") put = false;
    if (words.at(1) == "find-certificate") return FakeRunner::worked(put ? stage.pem() : "");
    return FakeRunner::worked();
  });
  const Surroundings surroundings = stage.surroundings();
  const TrustStores stores = find_stores(surroundings, false);
  REQUIRE(stores.size() == 1);  // browsers read it too
  TrustRun run(surroundings, stores, stage.anchors);
  run.begin(TrustAction::put, false);
  run.run_root_commands();
  CHECK(run.reports().front().state == TrustState::trusted);
  const std::string look = "security find-certificate -a -p " + keychain;
  const std::string verify = "security verify-cert -c " + stage.anchor.path + " -L -p ssl";
  CHECK(stage.runner.commands() ==
        std::vector<std::string>{
            look,
            "sudo security add-trusted-cert -d -r trustRoot -p ssl -p basic -k " + keychain + " " +
                stage.anchor.path,
            look, verify});
  stage.runner.clear();
  run.begin(TrustAction::take_back, false);
  run.run_root_commands();
  CHECK_FALSE(run.any_failed());
  CHECK(stage.runner.commands({"security"}) ==
        std::vector<std::string>{
            "sudo security remove-trusted-cert -d " + stage.anchor.path,
            "sudo security delete-certificate -Z " + stage.anchor.sha1 + " " + keychain});
}

TEST_CASE("trust: a CA in the keychain that is not verified is not called trusted", "[trust]") {
  TrustStage stage;
  stage.touch("root/Library/Keychains/System.keychain");
  stage.runner.install("security", [&stage](const Words& words) {
    if (words.at(1) == "find-certificate") return FakeRunner::worked(stage.pem());
    return FakeRunner::failed("...CSSMERR_TP_NOT_TRUSTED\n");
  });
  const auto store = keychain_store(stage.surroundings());
  CHECK_THAT(store->check(stage.anchor).why, ContainsSubstring("NOT_TRUSTED"));
}

TEST_CASE("trust: under WSL the Windows user's store is used, in any language", "[trust]") {
  TrustStage stage;
  CHECK(windows_store(stage.surroundings()) == nullptr);
  stage.folder.write("root/proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n");
  CHECK_THAT(windows_store(stage.surroundings())->put(stage.anchor).next,
             ContainsSubstring("/etc/wsl.conf"));
  const std::string certutil = "/mnt/c/Windows/System32/certutil.exe";
  bool put = false;
  std::string spaced;  // as older Windows prints it
  for (std::size_t i = 0; i < stage.anchor.sha1.size(); i += 2)
    spaced += stage.anchor.sha1.substr(i, 2) + " ";
  stage.runner.install(certutil, [&](const Words& words) {
    if (words.at(2) == "-addstore") put = true;
    if (words.at(2) == "-delstore") put = false;
    if (words.at(2) == "-store" && !put) return FakeRunner::failed("");
    return FakeRunner::worked("Zertifikathash(sha1): " + spaced + "\r\n");
  });
  stage.runner.install("wslpath", [](const Words&) {
    return FakeRunner::worked("\\\\wsl.localhost\\Debian\\ca.pem\n");
  });
  const Surroundings surroundings = stage.surroundings();
  TrustStores stores;
  stores.push_back(windows_store(surroundings));
  TrustRun run(surroundings, stores, stage.anchors);
  run.begin(TrustAction::put, false);
  CHECK(run.reports().front().state == TrustState::trusted);
  run.begin(TrustAction::take_back, false);
  CHECK_FALSE(run.any_failed());
  CHECK(stage.runner.commands({certutil + " -user -store", "wslpath"}) ==
        std::vector<std::string>{
            certutil + " -user -addstore Root '\\\\wsl.localhost\\Debian\\ca.pem'",
            certutil + " -user -delstore Root " + stage.anchor.sha1});
  CHECK(stage.runner.commands().front() == certutil + " -user -store Root " + stage.anchor.sha1);
}

/// keytool with one store: aliases and their certificates.
void install_keytool(TrustStage& stage, const std::string& path,
                     std::map<std::string, std::string>& entries) {
  stage.runner.install(path, [&stage, &entries](const Words& words) {
    const auto value = [&words](std::string_view option) {
      for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == option) return words[i + 1];
      }
      return std::string();
    };
    const std::string alias = value("-alias");
    if (words.at(1) == "-list") {
      std::string all;
      for (const auto& [name, text] : entries) all += text;
      return FakeRunner::worked(all);
    }
    if (words.at(1) == "-importcert") entries[alias] = stage.pem();
    if (words.at(1) == "-delete") entries.erase(alias);
    if (words.at(1) == "-exportcert") {
      if (!entries.contains(alias)) return FakeRunner::failed("alias does not exist");
      return FakeRunner::worked(entries[alias]);
    }
    return FakeRunner::worked();
  });
}

TEST_CASE("trust: Java's key stores are found once each, and ours are named in them", "[trust]") {
  TrustStage stage;
  const std::string file = stage.folder.write("root/etc/ssl/certs/java/cacerts", "x");
  for (const char* jdk : {"root/usr/lib/jvm/java-17", "root/usr/lib/jvm/java-21"}) {
    std::filesystem::create_directories(stage.folder.file(std::string(jdk) + "/lib/security"));
    std::filesystem::create_symlink(file,
                                    stage.folder.file(std::string(jdk) + "/lib/security/cacerts"));
  }
  const std::string own = stage.folder.write("jdk/lib/security/cacerts", "x");
  stage.variables["JAVA_HOME"] = stage.folder.file("jdk");
  const std::string keytool = stage.folder.file("jdk/bin/keytool");
  std::map<std::string, std::string> entries;
  install_keytool(stage, keytool, entries);
  std::map<std::string, std::string> shared;
  install_keytool(stage, "keytool", shared);

  const TrustStores stores = java_stores(stage.surroundings());
  REQUIRE(stores.size() == 2);
  CHECK(stores[0]->label().where == own);
  CHECK(stores[1]->label().where == file);
  CHECK_FALSE(stores[0]->label().needs_root);
  const std::string rest = " -keystore " + own + " -storepass changeit";
  const StorePlan plan = stores[0]->put(stage.anchor);
  REQUIRE(plan.commands.size() == 1);
  CHECK(shell_quoted(plan.commands[0]) == keytool + " -importcert -noprompt -alias " +
                                              stage.anchor.alias() + " -file " + stage.anchor.path +
                                              rest);
}

TEST_CASE("trust: Java forgets our certificates only, also Debian's copy", "[trust]") {
  TrustStage stage;
  const std::string own = stage.folder.write("jdk/lib/security/cacerts", "x");
  stage.variables["JAVA_HOME"] = stage.folder.file("jdk");
  const Anchor other = make_anchor(stage.folder.file("other"));
  std::map<std::string, std::string> entries{{"mykey", stage.folder.read("other/ca.pem")}};
  install_keytool(stage, "keytool", entries);
  const Surroundings surroundings = stage.surroundings();
  const TrustStores stores = java_stores(surroundings);
  TrustRun run(surroundings, stores, stage.anchors);
  run.begin(TrustAction::put, false);
  CHECK(run.reports().front().state == TrustState::trusted);
  entries["debian:" + stage.anchor.alias() + ".pem"] = stage.pem();
  run.begin(TrustAction::take_back, false);
  CHECK_FALSE(run.any_failed());
  CHECK(entries.size() == 1);
  CHECK(entries.contains("mykey"));

  // Another's certificate under our alias stays.
  entries[stage.anchor.alias()] = stage.folder.read("other/ca.pem");
  run.begin(TrustAction::take_back, false);
  CHECK(entries.size() == 2);
}

TEST_CASE("trust: a key store that only root may write needs root", "[trust]") {
  TrustStage stage;
  const std::string own = stage.folder.write("jdk/lib/security/cacerts", "x");
  std::filesystem::permissions(own, std::filesystem::perms::owner_read);
  stage.variables["JAVA_HOME"] = stage.folder.file("jdk");
  stage.runner.install("keytool");
  // root may write to everything, whatever the mode says
  CHECK(java_stores(stage.surroundings())[0]->label().needs_root == (::geteuid() != 0));
  CHECK_FALSE(java_stores(stage.surroundings(true))[0]->label().needs_root);
}

}  // namespace
}  // namespace devproxy
