// `service` on systems that are played.
#include "cli/setup/autostart.h"

#include <filesystem>

#include "tests/support/fake_runner.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Autostarted autostarted_shop(const std::string& file = "/home/alice/shop/devproxy.toml") {
  return {"shop", file, "/usr/bin/devproxy", "alice", 1000, "/log", {{"PATH", "/bin"}}};
}

struct Stage {
  Autostart autostart(ServiceManager manager, Autostarted what = autostarted_shop()) {
    return {runner, manager, folder.file("units"), std::move(what)};
  }
  TempDir folder;
  FakeRunner runner;
};

using Texts = std::vector<std::string>;

CommandResult systemctl(const Words& words) {
  if (words[2] == "is-enabled") return FakeRunner::worked("enabled\n");
  if (words[2] == "is-active") return {3, "failed\n", ""};
  return FakeRunner::worked();
}

}  // namespace

TEST_CASE("autostart: a user's unit is written, enabled, looked at and taken away", "[cli]") {
  Stage stage;
  stage.runner.install("systemctl", systemctl);
  stage.runner.install("loginctl", [](const Words&) { return FakeRunner::worked("yes\n"); });
  Autostart autostart = stage.autostart(ServiceManager::systemd);
  CHECK_FALSE(autostart.state().installed);

  const AutostartPlan plan = autostart.plan_install();
  CHECK(plan.name == "devproxy-shop.service");
  CHECK_FALSE(std::filesystem::exists(plan.path));
  REQUIRE(autostart.install(plan));
  CHECK(stage.runner.commands() == Texts{"systemctl --user daemon-reload",
                                         "systemctl --user enable --now devproxy-shop.service"});
  CHECK(stage.folder.read("units/devproxy-shop.service") == plan.text);
  REQUIRE(autostart.install(plan));

  const AutostartState state = autostart.state();
  CHECK(state.installed);
  CHECK(state.file == autostarted_shop().file);
  CHECK(state.enabled == "enabled");
  CHECK(state.active == "failed");
  CHECK(state.lingers);

  stage.runner.clear();
  REQUIRE(autostart.uninstall(autostart.plan_uninstall()));
  CHECK(stage.runner.commands() == Texts{"systemctl --user disable --now devproxy-shop.service",
                                         "systemctl --user daemon-reload"});
  CHECK_FALSE(std::filesystem::exists(plan.path));
}

TEST_CASE("autostart: an agent is loaded, loaded anew and taken away", "[cli]") {
  Stage stage;
  stage.runner.install("launchctl", [](const Words& words) {
    // It calls it an error that nothing was loaded.
    if (words[1] == "bootout") return FakeRunner::failed("Boot-out failed: 3: No such process\n");
    return FakeRunner::worked("\tstate = running\n");
  });
  Autostart autostart = stage.autostart(ServiceManager::launchd);
  const AutostartPlan plan = autostart.plan_install();
  REQUIRE(autostart.install(plan));
  CHECK(stage.runner.commands() == Texts{"launchctl bootstrap gui/1000 " + plan.path});
  stage.runner.clear();
  REQUIRE(autostart.install(plan));
  CHECK(stage.runner.commands().front() == "launchctl bootout gui/1000/dev.devproxy.shop");
  CHECK(autostart.state().active == "active");
  REQUIRE(autostart.uninstall(autostart.plan_uninstall()));
  CHECK_FALSE(std::filesystem::exists(plan.path));
}

TEST_CASE("autostart: a file of somebody else's, or of another project, stays", "[cli]") {
  Stage stage;
  stage.runner.install("systemctl", systemctl);
  Autostart autostart = stage.autostart(ServiceManager::systemd);
  const AutostartPlan plan = autostart.plan_install();
  stage.folder.write("units/devproxy-shop.service", "[Service]\nExecStart=/bin/true\n");
  const auto foreign = autostart.install(plan);
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().exit == ExitCode::conflict);
  CHECK_FALSE(autostart.uninstall(autostart.plan_uninstall()));

  REQUIRE(std::filesystem::remove(plan.path));
  Autostart other =
      stage.autostart(ServiceManager::systemd, autostarted_shop("/srv/shop/devproxy.toml"));
  REQUIRE(other.install(other.plan_install()));
  const auto refused = autostart.install(plan);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, ContainsSubstring("another project of the name shop"));
  CHECK(autostart.state().file.empty());
}

TEST_CASE("autostart: without a session the failure says what is left to do", "[cli]") {
  Stage stage;
  stage.runner.install("systemctl", [](const Words&) {
    return FakeRunner::failed("Failed to connect to bus: No medium found\n");
  });
  Autostart autostart = stage.autostart(ServiceManager::systemd);
  const auto failed = autostart.install(autostart.plan_install());
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message ==
        "systemctl --user daemon-reload: Failed to connect to bus: No medium found");
  CHECK_THAT(failed.error().hint,
             ContainsSubstring("what is left: systemctl --user daemon-reload && systemctl --user "
                               "enable --now devproxy-shop.service"));
}

TEST_CASE("autostart: units and agents are where their system looks", "[cli]") {
  CHECK(autostart_folder(ServiceManager::systemd, "/home/a/.config/devproxy", "/home/a") ==
        "/home/a/.config/systemd/user");
  CHECK(autostart_folder(ServiceManager::launchd, "/x/devproxy", "/Users/a") ==
        "/Users/a/Library/LaunchAgents");
}

}  // namespace devproxy
