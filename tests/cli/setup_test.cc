// `setup` on systems that are played: nothing of this machine is touched.
#include <filesystem>
#include <utility>

#include "cli/setup/setup_report.h"
#include "tests/support/fake_runner.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

PortTrial trial(const char* host, std::uint16_t port, PortState state) {
  return {host, port, state, std::nullopt};
}

std::vector<PortTrial> all(PortState state) {
  return {trial("127.0.0.1", 80, state), trial("::1", 80, state), trial("127.0.0.1", 443, state),
          trial("::1", 443, state)};
}

PortOwner nginx() {
  ProcessFacts process;
  process.pid = 812;
  process.name = "nginx";
  process.keeper.unit = "nginx.service";
  process.started = std::chrono::system_clock::now();
  PortOwner owner;
  owner.process = process;
  return owner;
}

/// A Linux whose ports are as `ports` says; `install` really copies, `sysctl` opens them.
struct SetupStage {
  SetupStage() {
    runner.install("sudo");
    runner.install("install", [](const Words& words) {
      const std::string& to = words.back();
      std::filesystem::create_directories(std::filesystem::path(to).parent_path());
      std::filesystem::copy_file(words[words.size() - 2], to,
                                 std::filesystem::copy_options::overwrite_existing);
      return FakeRunner::worked();
    });
    runner.install("rm", [](const Words& words) {
      for (std::size_t i = 2; i < words.size(); ++i) std::filesystem::remove(words[i]);
      return FakeRunner::worked();
    });
    runner.install("sysctl", [this](const Words& words) {
      ports = all(words[1] == "-p" ? PortState::possible : PortState::denied);
      return FakeRunner::worked();
    });
    runner.install("systemctl", [this](const Words& words) {
      if (words[1] == "enable") accepting = true;
      if (words[1] == "disable") accepting = false;
      return FakeRunner::worked();
    });
  }

  SetupScene scene() {
    SetupScene made{runner, state()};
    made.etc = folder.file("etc");
    made.user = "alice";
    made.manager = manager;
    made.first_unprivileged = 1000;
    made.try_ports = [this] { return ports; };
    made.accepts = [this](const std::string&, std::uint16_t) { return accepting; };
    return made;
  }
  SetupRun planned(bool socket_unit = false) {
    SetupRun run(scene());
    const auto done = run.plan(socket_unit, [this] { return project(); });
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
    return run;
  }
  SetupRun done(bool socket_unit = false) {
    SetupRun run = planned(socket_unit);
    REQUIRE(run.stage());
    const auto carried = run.carry_out(false);
    INFO((carried ? "" : carried.error().message));
    REQUIRE(carried);
    return run;
  }
  SetupRun undone() {
    SetupRun run(scene());
    REQUIRE(run.plan_undo());
    REQUIRE(run.carry_out(false));
    return run;
  }
  Failure failure(bool socket_unit = false) {
    SetupRun run(scene());
    auto done = run.plan(socket_unit, [this] { return project(); });
    if (done) done = run.stage();
    if (done) done = run.carry_out(false);
    REQUIRE_FALSE(done);
    return done.error();
  }
  static tl::expected<Autostarted, Failure> project() {
    return Autostarted{"shop",
                       "/home/alice/shop/devproxy.toml",
                       "/usr/bin/devproxy",
                       "alice",
                       1000,
                       "/log",
                       {{"PATH", "/bin"}}};
  }
  std::string state() const { return folder.file("state"); }
  std::string sysctl_path() const { return sysctl_file(folder.file("etc")); }
  bool is_remembered() const { return remembered_low_ports(state()).has_value(); }
  /// Without the test's own folder.
  std::vector<std::string> commands() const {
    std::vector<std::string> texts = runner.commands();
    for (std::string& text : texts) {
      for (std::size_t at = text.find(folder.path()); at != std::string::npos;
           at = text.find(folder.path()))
        text.erase(at, folder.path().size());
    }
    return texts;
  }

  TempDir folder;
  FakeRunner runner;
  ServiceManager manager = ServiceManager::systemd;
  std::vector<PortTrial> ports = all(PortState::denied);
  bool accepting = false;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("setup: where binding works already nothing is put in, and it is remembered", "[cli]") {
  SetupStage stage;
  stage.ports = all(PortState::possible);
  const SetupRun run = stage.done();
  CHECK(run.state() == SetupState::already);
  CHECK(stage.commands().empty());
  const auto ports = remembered_low_ports(stage.state());
  REQUIRE(ports);
  CHECK(ports->way == LowPortsWay::bind);
  CHECK(ports->files.empty());
  CHECK_THAT(setup_text({run, false, false, false, "", "shop.localhost"}),
             ContainsSubstring("https://shop.localhost, without a port"));
}

TEST_CASE("setup: one sysctl file is put in, and exactly that is taken back", "[cli]") {
  SetupStage stage;
  CHECK(stage.done().state() == SetupState::done);
  CHECK(
      stage.commands() ==
      Texts{"sudo install -D -m 0644 /state/setup/90-devproxy.conf /etc/sysctl.d/90-devproxy.conf",
            "sudo sysctl -p /etc/sysctl.d/90-devproxy.conf"});
  CHECK_THAT(stage.folder.read("etc/sysctl.d/90-devproxy.conf"),
             ContainsSubstring("\nnet.ipv4.ip_unprivileged_port_start = 80\n"));
  CHECK_FALSE(std::filesystem::exists(stage.folder.file("state/setup")));
  const auto ports = remembered_low_ports(stage.state());
  REQUIRE(ports);
  CHECK(ports->way == LowPortsWay::sysctl);
  CHECK(ports->first_before == 1000);
  CHECK(ports->files == Texts{stage.sysctl_path()});

  stage.runner.clear();
  CHECK(stage.undone().state() == SetupState::undone);
  CHECK(stage.commands() == Texts{"sudo rm -f /etc/sysctl.d/90-devproxy.conf",
                                  "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=1000"});
  CHECK_FALSE(std::filesystem::exists(stage.sysctl_path()));
  CHECK_FALSE(stage.is_remembered());
  CHECK(stage.undone().state() == SetupState::nothing);
}

TEST_CASE("setup: a second one changes nothing and forgets nothing", "[cli]") {
  SetupStage stage;
  stage.done();
  stage.runner.clear();
  CHECK(stage.done().state() == SetupState::already);
  CHECK(stage.commands().empty());
  const auto ports = remembered_low_ports(stage.state());
  REQUIRE(ports);
  CHECK(ports->way == LowPortsWay::sysctl);
  CHECK(ports->first_before == 1000);
}

TEST_CASE("setup: commands that somebody ran by hand are known as ours", "[cli]") {
  SetupStage stage;
  SetupRun printed = stage.planned();
  REQUIRE(printed.stage());
  CHECK_FALSE(stage.is_remembered());
  const std::string text = setup_plan_text({printed, false, false, true, "", ""}) +
                           setup_text({printed, false, false, true, "", ""});
  CHECK_THAT(text, ContainsSubstring("sudo sysctl -p"));
  CHECK_THAT(text, ContainsSubstring("then devproxy setup again"));
  for (const Words& words : printed.planned().commands) REQUIRE(stage.runner.run(words, {}));

  CHECK(stage.done().state() == SetupState::already);
  const auto ports = remembered_low_ports(stage.state());
  REQUIRE(ports);
  CHECK(ports->files == Texts{stage.sysctl_path()});
}

TEST_CASE("setup: root needs no sudo, doas does where sudo is not", "[cli]") {
  SetupStage stage;
  SetupScene scene = stage.scene();
  scene.is_root = true;
  SetupRun run(scene);
  REQUIRE(run.plan(false, nullptr));
  CHECK(run.commands().front().front() == "install");

  FakeRunner other;
  other.install("doas");
  SetupScene with_doas{other, stage.state()};
  with_doas.etc = stage.folder.file("etc");
  with_doas.try_ports = [] { return all(PortState::denied); };
  SetupRun second(with_doas);
  REQUIRE(second.plan(false, nullptr));
  CHECK(second.commands().front().front() == "doas");
}

TEST_CASE("setup: a command that fails is told, and nothing is remembered of nothing", "[cli]") {
  SetupStage stage;
  stage.runner = FakeRunner();
  stage.runner.install("sudo");
  stage.runner.install(
      "install", [](const Words&) { return FakeRunner::failed("sudo: a password is required\n"); });
  const Failure failure = stage.failure();
  CHECK_THAT(failure.message, ContainsSubstring("sudo install -D"));
  CHECK_THAT(failure.message, ContainsSubstring("a password is required"));
  CHECK_FALSE(stage.is_remembered());
}

TEST_CASE("setup: what was put in half is remembered, so that it can be taken back", "[cli]") {
  SetupStage stage;
  stage.runner = FakeRunner();
  stage.runner.install("sudo");
  stage.runner.install("sysctl", [](const Words&) {
    return FakeRunner::failed("sysctl: permission denied on key\n");
  });
  stage.runner.install("install");
  CHECK_THAT(stage.failure().hint, ContainsSubstring("setup --undo"));
  CHECK(stage.is_remembered());
}

TEST_CASE("setup: commands that worked are not believed before a port was bound", "[cli]") {
  SetupStage stage;
  stage.runner = FakeRunner();
  for (const char* const program : {"sudo", "install", "sysctl"}) stage.runner.install(program);
  const Failure failure = stage.failure();
  CHECK(failure.code == "setup.verify");
  CHECK_THAT(failure.hint, ContainsSubstring("/etc/sysctl.d"));
}

TEST_CASE("setup: somebody else's files are never touched", "[cli]") {
  SetupStage stage;
  stage.folder.write("etc/sysctl.d/90-devproxy.conf", "mine\n");
  const Failure failure = stage.failure();
  CHECK(failure.exit == ExitCode::conflict);
  CHECK_THAT(failure.message, ContainsSubstring("devproxy did not write it"));
  CHECK(stage.commands().empty());

  std::filesystem::remove(stage.sysctl_path());
  stage.done();
  stage.folder.write("etc/sysctl.d/90-devproxy.conf", "mine\n");
  stage.runner.clear();
  const SetupRun undone = stage.undone();
  CHECK(undone.kept() == Texts{stage.sysctl_path()});
  CHECK(stage.commands().empty());
  CHECK(stage.folder.read("etc/sysctl.d/90-devproxy.conf") == "mine\n");
}

TEST_CASE("setup: who has a port is named, with the ways to live beside it", "[cli]") {
  SetupStage stage;
  stage.ports = all(PortState::possible);
  stage.ports[0].state = PortState::taken;
  stage.ports[0].owner = nginx();
  const SetupRun run = stage.done();
  const std::string text = setup_text({run, false, false, false, "", ""});
  CHECK_THAT(text, ContainsSubstring("127.0.0.1:80    taken by nginx (pid 812, nginx.service"));
  CHECK_THAT(text, ContainsSubstring("sudo systemctl stop nginx.service"));
  CHECK_THAT(text, ContainsSubstring("Or leave it there"));
  CHECK(stage.is_remembered());

  SetupStage full;
  full.ports = all(PortState::taken);
  for (PortTrial& each : full.ports) each.owner = nginx();
  full.done();
  CHECK_FALSE(full.is_remembered());
}

TEST_CASE("setup: a socket unit hands the ports to this user's service", "[cli]") {
  SetupStage stage;
  CHECK(stage.done(true).state() == SetupState::done);
  CHECK(stage.commands() ==
        Texts{"sudo install -D -m 0644 /state/setup/devproxy-alice.socket "
              "/etc/systemd/system/devproxy-alice.socket",
              "sudo install -D -m 0644 /state/setup/devproxy-alice.service "
              "/etc/systemd/system/devproxy-alice.service",
              "sudo systemctl daemon-reload",
              "sudo systemctl enable --now devproxy-alice.socket devproxy-alice.service"});
  // Who has it by systemd does not bind it as well.
  const auto ports = remembered_low_ports(stage.state());
  REQUIRE(ports);
  CHECK(ports->way == LowPortsWay::socket_unit);
  CHECK(stage.failure(false).code == "setup.other_way");
  CHECK(stage.done(true).state() == SetupState::already);

  stage.runner.clear();
  stage.undone();
  CHECK(stage.commands() ==
        Texts{"sudo systemctl disable --now devproxy-alice.socket devproxy-alice.service",
              "sudo rm -f /etc/systemd/system/devproxy-alice.socket "
              "/etc/systemd/system/devproxy-alice.service",
              "sudo systemctl daemon-reload"});
  CHECK_FALSE(stage.is_remembered());
}

TEST_CASE("setup: a socket unit is not for ports that somebody has, nor without systemd", "[cli]") {
  SetupStage stage;
  stage.ports[2].owner = nginx();
  const Failure taken = stage.failure(true);
  CHECK(taken.exit == ExitCode::conflict);
  CHECK_THAT(taken.message, ContainsSubstring("127.0.0.1:443: nginx (pid 812)"));
  stage.manager = ServiceManager::none;
  CHECK(stage.failure(true).code == "setup.no_systemd");
}

TEST_CASE("setup: macOS gets an agent of launchd, without root", "[cli]") {
  SetupStage stage;
  stage.manager = ServiceManager::launchd;
  stage.runner.install("launchctl", [&stage](const Words& words) {
    stage.accepting = words[1] == "bootstrap";
    return FakeRunner::worked();
  });
  CHECK(stage.done().state() == SetupState::done);
  const std::string agent = "/etc/LaunchAgents/dev.devproxy.shop.plist";
  CHECK(stage.commands() == Texts{"launchctl bootstrap gui/1000 " + agent});
  CHECK_THAT(stage.folder.read(agent.substr(1)), ContainsSubstring("<key>Sockets</key>"));
  stage.undone();
  CHECK_FALSE(std::filesystem::exists(stage.folder.file(agent.substr(1))));
  CHECK_FALSE(stage.is_remembered());
}

TEST_CASE("setup: a program gets the plan as one object", "[cli]") {
  SetupStage stage;
  const SetupRun run = stage.planned();
  const std::string form = setup_form({run, false, true, true, "", ""});
  CHECK_THAT(form, ContainsSubstring(R"({"schema":"devproxy.setup/v1","action":"setup")"));
  CHECK_THAT(form, ContainsSubstring(R"("dry_run":true,"state":"planned","way":"sysctl")"));
  CHECK_THAT(form, ContainsSubstring(R"({"address":"[::1]:443","state":"denied","owner":null})"));
  CHECK_THAT(form, ContainsSubstring(R"(["sudo","sysctl","-p",)"));
  CHECK_FALSE(std::filesystem::exists(stage.state()));
}

}  // namespace devproxy
