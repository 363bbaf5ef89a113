// The Supervisor with small real programs, on a loop of its own.
#include "services/supervisor.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "services/run_mark.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

/// A supervisor, and everything that it said so far: "web ready", "web: a line", "web! a note".
class Stage final : public ServiceWatcher {
 public:
  Stage()
      : book_(Dirs{folder_.file("config"), folder_.file("state"), folder_.file("run")},
              folder_.path()) {
    std::filesystem::create_directories(folder_.file("logs"));
    begin();
  }
  ~Stage() {
    if (supervisor_) stop();
  }

  ServicePlan plan(const std::string& name, const std::string& line,
                   std::vector<std::string> depends_on = {}) {
    ServicePlan plan;
    plan.name = name;
    plan.launch.words = {"/bin/sh", "-c", line};
    plan.launch.dir = folder_.path();
    plan.environment = {"PATH=/usr/bin:/bin", "DEVPROXY_RUN_ID=" + run_mark(run_, name)};
    REQUIRE(book_.assign(name));
    plan.port = book_.lease(name);
    plan.depends_on = std::move(depends_on);
    plan.ready = {ReadyWhen::log, "up"};
    plan.stop_timeout = std::chrono::milliseconds(5'000);
    return plan;
  }
  void apply(std::vector<ServicePlan> plans) { supervisor_->apply(std::move(plans)); }

  /// Runs the loop until it is said, beginning at the `from`-th word.
  std::size_t wait_for(const std::string& said, std::size_t from = 0) {
    const WaitLimit limit;
    for (;;) {
      for (std::size_t i = from; i < said_.size(); ++i) {
        if (said_[i] == said) return i;
      }
      if (limit.is_over()) give_up("never said: " + said + "\n" + all());
      loop_.run_once(true);
    }
  }
  std::size_t count(const std::string& said) const {
    return static_cast<std::size_t>(std::count(said_.begin(), said_.end(), said));
  }
  std::size_t place(const std::string& said) const {
    return static_cast<std::size_t>(std::find(said_.begin(), said_.end(), said) - said_.begin());
  }
  std::size_t mark() const { return said_.size(); }
  void stop() {
    bool stopped = false;
    supervisor_->stop(0, [&stopped] { stopped = true; });
    const WaitLimit limit;
    while (!stopped) {
      if (limit.is_over()) give_up("never stopped\n" + all());
      loop_.run_once(true);
    }
    supervisor_.reset();
  }
  Supervisor& supervisor() { return *supervisor_; }
  const ServiceNews& news(const std::string& service) { return news_[service]; }
  const TempDir& folder() const { return folder_; }
  const std::string& run() const { return run_; }
  Loop& loop() { return loop_; }
  std::optional<TerminalSize> terminal;
  std::map<std::string, std::uint16_t> places;
  std::vector<std::string> lost;

  void begin() {
    Supervisor::Options options;
    options.program = DEVPROXY_BINARY;
    options.run = run_;
    options.log_folder = folder_.file("logs");
    options.terminal = terminal;
    supervisor_ = std::make_unique<Supervisor>(loop_, std::move(options), *this);
  }

 private:
  void on_state(const ServiceNews& news) override {
    const std::string name(news.service);
    said_.push_back(name + " " + std::string(state_text(news.state)));
    news_[name] = news;
    news_[name].service = {};
  }
  void on_note(std::string_view service, std::string_view words) override {
    said_.push_back(std::string(service) + "! " + std::string(words));
  }
  void on_line(std::string_view service, std::string_view line) override {
    said_.push_back(std::string(service) + ": " + std::string(line));
  }
  void on_place(std::string_view service, std::uint16_t port,
                const std::optional<Found>& elsewhere) override {
    said_.push_back(std::string(service) + (elsewhere ? " went from " : " is back on ") +
                    std::to_string(port));
    if (elsewhere) places[std::string(service)] = elsewhere->place.port;
  }
  void on_port_lost(std::string_view service) override { lost.emplace_back(service); }

  std::string all() const {
    std::string text;
    for (const std::string& each : said_) text += "  " + each + "\n";
    return text;
  }

  TempDir folder_;
  Loop loop_;
  std::string run_ = make_run();
  PortBook book_;
  std::vector<std::string> said_;
  std::map<std::string, ServiceNews> news_;
  std::unique_ptr<Supervisor> supervisor_;
};

constexpr const char* lasts = "echo up; exec sleep 1000";

TEST_CASE("supervisor: each starts after those that it depends on, and stops before them",
          "[services]") {
  Stage stage;
  stage.apply({stage.plan("web", lasts, {"api"}), stage.plan("api", lasts, {"db", "stranger"}),
               stage.plan("db", lasts)});
  stage.wait_for("web ready");
  CHECK(stage.place("web waiting") < stage.place("db ready"));
  CHECK(stage.place("db ready") < stage.place("api starting"));
  CHECK(stage.place("api ready") < stage.place("web starting"));
  stage.stop();
  CHECK(stage.place("web stopped") < stage.place("api stopping"));
  CHECK(stage.place("api stopped") < stage.place("db stopping"));
  CHECK(processes_of_run(stage.run()).empty());
}

TEST_CASE("supervisor: one that ends with 0 lets its dependents go on and is not started again",
          "[services]") {
  Stage stage;
  stage.apply({stage.plan("migrate", "echo migrated"), stage.plan("api", lasts, {"migrate"})});
  stage.wait_for("api ready");
  CHECK(stage.place("migrate stopped") < stage.place("api starting"));
  CHECK(stage.news("migrate").again_in == std::nullopt);
}

TEST_CASE("supervisor: one that fails keeps its dependents waiting, and is started again",
          "[services]") {
  Stage stage;
  stage.apply({stage.plan("db", "[ -e ok ] && { echo up; exec sleep 1000; }; exit 4"),
               stage.plan("api", lasts, {"db"})});
  stage.wait_for("db failed");
  CHECK(stage.news("db").again_in == std::chrono::milliseconds(500));
  CHECK(stage.count("api starting") == 0);
  stage.folder().write("ok", "");
  stage.wait_for("api ready");
  CHECK(stage.count("db starting") == 2);
}

TEST_CASE("supervisor: restart says when", "[services]") {
  Stage stage;
  auto always = stage.plan("always", "exit 0");
  always.restart = RestartPolicy::always;
  auto never = stage.plan("never", "exit 1");
  never.restart = RestartPolicy::never;
  stage.apply({always, never});
  stage.wait_for("never failed");
  CHECK(stage.news("never").again_in == std::nullopt);
  stage.wait_for("always starting", stage.wait_for("always stopped"));
}

TEST_CASE("supervisor: a reload restarts what changed and touches nothing else", "[services]") {
  Stage stage;
  stage.apply({stage.plan("same", lasts), stage.plan("other", lasts), stage.plan("gone", lasts)});
  stage.wait_for("same ready");
  stage.wait_for("other ready");
  stage.wait_for("gone ready");
  const std::size_t mark = stage.mark();
  auto same = stage.plan("same", lasts);
  same.ready = {ReadyWhen::started, ""};
  same.environment.emplace_back("A_PEER_URL=x");
  auto other = stage.plan("other", lasts);
  other.launch.variables = {{"A", "b"}};
  stage.apply({same, other, stage.plan("new", lasts)});
  stage.wait_for("gone stopped", mark);
  stage.wait_for("new ready", mark);
  stage.wait_for("other ready", stage.wait_for("other stopped", mark));
  CHECK(stage.count("same starting") == 1);
  CHECK(stage.count("same stopping") == 0);
  CHECK(processes_of_service(stage.run(), "gone").empty());
  // And back again, twice before anything could happen.
  stage.apply({same, stage.plan("other", lasts)});
  stage.apply({same, other});
  stage.wait_for("other ready", stage.wait_for("other stopped", stage.mark()));
  CHECK(stage.count("same starting") == 1);
}

TEST_CASE("supervisor: one that was removed and comes back while it stops is started again",
          "[services]") {
  Stage stage;
  stage.apply({stage.plan("web", lasts)});
  stage.wait_for("web ready");
  stage.apply({});
  const std::size_t mark = stage.mark();
  stage.apply({stage.plan("web", lasts)});
  stage.wait_for("web ready", mark);
  CHECK(processes_of_service(stage.run(), "web").size() == 1);
}

TEST_CASE("supervisor: a child that dies takes what it left behind with it", "[services]") {
  Stage stage;
  auto web = stage.plan("web", "setsid sleep 1000 & sleep 1000 & echo up; exit 7");
  web.restart = RestartPolicy::never;
  stage.apply({web});
  stage.wait_for("web failed");
  CHECK_THAT(stage.news("web").detail, ContainsSubstring("exited with code 7 after"));
  CHECK(processes_of_run(stage.run()).empty());
}

TEST_CASE("supervisor: output is kept in a file, without what only a terminal wants",
          "[services]") {
  Stage stage;
  stage.apply({stage.plan("web", "printf 'a\\rb\\n\\033[2Jcleared\\n'; echo up; exec sleep 1000")});
  stage.wait_for("web ready");
  CHECK(stage.count("web: b") == 1);
  CHECK(stage.count("web: cleared") == 1);
  stage.stop();
  std::string lines;
  for (const LoggedLine& line : last_logged(stage.folder().file("logs"), {"web"}, 100))
    lines += line.line + "\n";
  CHECK(lines == "b\ncleared\nup\n");
}

TEST_CASE("supervisor: with a terminal, programs have one", "[services]") {
  Stage stage;
  stage.terminal = TerminalSize{71, 33};
  stage.begin();
  stage.apply({stage.plan("web",
                          "test -t 0 && test -t 1 && test -t 2 && echo all three; stty size; "
                          "echo tty > /dev/tty; trap 'stty size' WINCH; echo up; "
                          "while :; do sleep 0.01; done")});
  stage.wait_for("web ready");
  CHECK(stage.count("web: all three") == 1);
  CHECK(stage.count("web: 33 71") == 1);
  CHECK(stage.count("web: tty") == 1);
  stage.supervisor().resize({99, 44});
  stage.wait_for("web: 44 99");
}

TEST_CASE("supervisor: a port that somebody else took since is told of", "[services]") {
  Stage stage;
  const auto web = stage.plan("web", "mkfifo go; echo up; read x < go; exit 1");
  stage.apply({web});
  stage.wait_for("web ready");
  const Descriptor stranger = listen_on(Family::v4, web.port->port());
  stage.folder().write("go", "\n");
  stage.wait_for("web failed", stage.wait_for("web starting"));
  const std::size_t mark = stage.mark();
  stage.wait_for("web failed", mark);
  CHECK(stage.lost == std::vector<std::string>{"web"});
  CHECK_THAT(stage.news("web").detail, ContainsSubstring("is taken by"));
  CHECK(stage.supervisor().status("web")->state == ServiceState::failed);
}

TEST_CASE("supervisor: fifty services start and stop together", "[services]") {
  Stage stage;
  std::vector<ServicePlan> plans;
  for (int i = 0; i < 50; ++i) plans.push_back(stage.plan("s" + std::to_string(i), lasts));
  stage.apply(plans);
  for (const ServicePlan& plan : plans) stage.wait_for(plan.name + " ready");
  stage.stop();
  CHECK(processes_of_run(stage.run()).empty());
}

TEST_CASE("supervisor: kill ends everything at once", "[services]") {
  Stage stage;
  stage.apply({stage.plan("web", "trap '' TERM; echo up; while :; do sleep 1000; done")});
  stage.wait_for("web ready");
  stage.supervisor().kill();
  const WaitLimit limit;
  while (!processes_of_run(stage.run()).empty() && !limit.is_over()) stage.loop().run_once(false);
  CHECK(processes_of_run(stage.run()).empty());
}

}  // namespace
}  // namespace devproxy
