// The system stores of Linux, on made-up roots.
#include "certs/trust_system.h"

#include <filesystem>

#include "base/files.h"
#include "tests/certs/trust_stage.h"

namespace devproxy {
namespace {

namespace fs = std::filesystem;

struct Family {
  std::string name;
  std::string mark;  ///< a file that makes the folder
  std::string anchors;
  std::string ending;
  std::string bundle;
  std::string tool;
  std::string update;
  std::string update_after_removal;
};

const std::vector<Family> families{
    {"Fedora", "etc/pki/ca-trust/source/anchors/.keep", "/etc/pki/ca-trust/source/anchors", ".pem",
     "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "update-ca-trust",
     "/usr/bin/update-ca-trust extract", "/usr/bin/update-ca-trust extract"},
    {"Arch", "etc/ca-certificates/trust-source/anchors/.keep",
     "/etc/ca-certificates/trust-source/anchors", ".crt",
     "/etc/ca-certificates/extracted/tls-ca-bundle.pem", "update-ca-trust",
     "/usr/bin/update-ca-trust", "/usr/bin/update-ca-trust"},
    {"openSUSE", "etc/pki/trust/anchors/.keep", "/etc/pki/trust/anchors", ".pem",
     "/var/lib/ca-certificates/ca-bundle.pem", "update-ca-certificates",
     "/usr/bin/update-ca-certificates", "/usr/bin/update-ca-certificates"},
    {"openSUSE", "usr/share/pki/trust/anchors/.keep", "/usr/share/pki/trust/anchors", ".pem",
     "/etc/ssl/ca-bundle.pem", "update-ca-certificates", "/usr/bin/update-ca-certificates",
     "/usr/bin/update-ca-certificates"},
    {"Alpine", "etc/alpine-release", "/usr/local/share/ca-certificates", ".crt",
     "/etc/ssl/certs/ca-certificates.crt", "update-ca-certificates",
     "/usr/bin/update-ca-certificates", "/usr/bin/update-ca-certificates --fresh"},
    {"Debian", "usr/local/share/ca-certificates/.keep", "/usr/local/share/ca-certificates", ".crt",
     "/etc/ssl/certs/ca-certificates.crt", "update-ca-certificates",
     "/usr/bin/update-ca-certificates", "/usr/bin/update-ca-certificates --fresh"},
};

/// `install` and `rm` are done for real, inside the made-up root; updating makes the bundle anew.
void play(TrustStage& stage, const Family& family) {
  stage.runner.install("sudo");
  stage.runner.install("install", [](const Words& words) {
    fs::create_directories(fs::path(words.at(5)).parent_path());
    fs::copy_file(words.at(4), words.at(5), fs::copy_options::overwrite_existing);
    return FakeRunner::worked();
  });
  stage.runner.install("rm", [](const Words& words) {
    fs::remove(words.at(2));
    return FakeRunner::worked();
  });
  stage.runner.install(family.tool, [&stage, &family](const Words&) {
    std::string bundle = "# the CAs of this system\n";
    for (const auto& entry : fs::directory_iterator(stage.root() + family.anchors)) {
      if (entry.path().extension() == family.ending)
        bundle += read_file(entry.path().string()).value_or("");
    }
    stage.folder.write("root" + family.bundle, bundle);
    return FakeRunner::worked();
  });
}

TEST_CASE("trust: each family of Linux gets its own commands, and they are verified", "[trust]") {
  const Family family = GENERATE(from_range(families));
  const bool as_root = GENERATE(false, true);
  TrustStage stage;
  stage.touch("root/" + family.mark);
  stage.folder.write("root" + family.bundle, "# empty\n");
  play(stage, family);
  const Surroundings surroundings = stage.surroundings(as_root);
  TrustStores stores;
  stores.push_back(system_store(surroundings));
  REQUIRE(stores.front());
  CHECK(stores.front()->label().name == "system (" + family.name + ")");
  CHECK(stores.front()->label().where == stage.root() + family.bundle);

  const std::string sudo = as_root ? "" : "sudo ";
  const std::string file =
      stage.root() + family.anchors + "/" + stage.anchor.alias() + family.ending;
  TrustRun run(surroundings, stores, stage.anchors);
  run.begin(TrustAction::check, false);
  CHECK(run.reports().front().state == TrustState::not_trusted);
  CHECK(run.reports().front().why == "not in it");

  run.begin(TrustAction::put, false);
  if (!as_root) {
    CHECK(stage.runner.commands().empty());  // shown first
    CHECK(run.needs_root());
    CHECK(run.reports().front().state == TrustState::not_trusted);
    run.run_root_commands();
    CHECK(stage.runner.asked_on_terminal());
  }
  CHECK(stage.runner.commands() ==
        std::vector<std::string>{sudo + "install -D -m 0644 " + stage.anchor.path + " " + file,
                                 sudo + family.update});
  CHECK(run.reports().front().state == TrustState::trusted);
  CHECK(run.reports().front().changed);
  CHECK_FALSE(run.any_failed());
  CHECK_FALSE(run.needs_root());

  stage.runner.clear();
  run.begin(TrustAction::put, false);
  CHECK(stage.runner.commands().empty());  // it is there
  CHECK_FALSE(run.any_changed());

  run.begin(TrustAction::take_back, false);
  run.run_root_commands();
  CHECK(stage.runner.commands() ==
        std::vector<std::string>{sudo + "rm -f " + file, sudo + family.update_after_removal});
  CHECK_FALSE(fs::exists(file));
  CHECK(run.reports().front().state == TrustState::not_trusted);
  CHECK_FALSE(run.any_failed());
  stage.runner.clear();
  run.begin(TrustAction::take_back, false);
  CHECK(run.root_commands().empty());  // nothing of ours
}

TEST_CASE("trust: a file that is not ours is neither overwritten nor removed", "[trust]") {
  const Family& family = families.back();
  TrustStage stage;
  stage.touch("root/" + family.mark);
  play(stage, family);
  const std::string name = "root" + family.anchors + "/" + stage.anchor.alias() + family.ending;
  const Anchor other = make_anchor(stage.folder.file("other"));
  stage.folder.write(name, stage.folder.read("other/ca.pem"));
  const auto store = system_store(stage.surroundings());
  CHECK_THAT(store->put(stage.anchor).obstacle, ContainsSubstring("holds another certificate"));
  CHECK(store->put(stage.anchor).commands.empty());
  CHECK(store->take_back(stage.anchors).commands.empty());
}

TEST_CASE("trust: an update that leaves the CA out is told, not believed", "[trust]") {
  TrustStage stage;
  stage.touch("root/usr/local/share/ca-certificates/.keep");
  stage.folder.write("root/etc/ssl/certs/ca-certificates.crt", "");
  play(stage, families.back());
  FakeRunner broken;
  broken.install("update-ca-certificates",
                 [](const Words&) { return FakeRunner::failed("no space left on device\n"); });
  broken.install("install", [&stage](const Words& words) { return *stage.runner.run(words, {}); });
  const Surroundings surroundings = stage.surroundings(broken, true);
  TrustStores stores;
  stores.push_back(system_store(surroundings));
  TrustRun run(surroundings, stores, stage.anchors);
  run.begin(TrustAction::put, false);
  CHECK(run.any_failed());
  CHECK(run.reports().front().state == TrustState::not_trusted);
  CHECK(run.reports().front().why == "no space left on device");
  CHECK(run.reports().front().next == "/usr/bin/update-ca-certificates");
  run.begin(TrustAction::check, false);
  CHECK_THAT(run.reports().front().why, ContainsSubstring("bundle was not made anew"));
}

TEST_CASE("trust: without the system's tool it names the package", "[trust]") {
  TrustStage stage;
  stage.touch("root/etc/alpine-release");
  stage.runner.install("apk");
  const StorePlan plan = system_store(stage.surroundings())->put(stage.anchor);
  CHECK(plan.obstacle == "update-ca-certificates is missing");
  CHECK(plan.next == "sudo apk add ca-certificates, then devproxy trust");
}

TEST_CASE("trust: NixOS is told what to declare", "[trust]") {
  TrustStage stage;
  stage.touch("root/etc/NIXOS");
  const auto store = system_store(stage.surroundings());
  CHECK(store->label().name == "system (NixOS)");
  const StorePlan plan = store->put(stage.anchor);
  CHECK(plan.commands.empty());
  CHECK_THAT(plan.next, ContainsSubstring("security.pki.certificates = [ ''\n" + stage.pem()));
}

TEST_CASE("trust: a system that we do not know has no store", "[trust]") {
  TrustStage stage;
  CHECK(system_store(stage.surroundings()) == nullptr);
}

}  // namespace
}  // namespace devproxy
