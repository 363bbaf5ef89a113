// kill -9 of devproxy, wherever it stands: no process is left, no file is half written, and the
// next start in the same folder works.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// `base` is what the others need; `web` has a child in a session of its own; both are stubborn.
constexpr const char* routes = R"toml(
[services.base]
command = "trap '' TERM; mkfifo go 2> /dev/null; echo made; read x < go; echo up; while :; do sleep 1000; done"
ready = { log = "up" }
stop_timeout = "10m"
[services.web]
command = "trap '' TERM; (trap '' TERM; exec setsid sleep 1000) & exec python3 -u -m http.server {port} --bind 127.0.0.1"
depends_on = ["base"]
stop_timeout = "10m"
[services.crash]
command = "echo crashing; exit 1"
[services.chatter]
command = "while :; do echo chatter chatter chatter; sleep 0.01; done"
ready = { port = false }
)toml";

class Killed final {
 public:
  Killed() : proxy(std::make_unique<ServicesProxy>(routes)) {}

  void let_base_be_ready() {
    proxy->wait_for_output("base", "made");
    proxy->folder().write("go", "\n");
    proxy->wait_for_state("base", "ready");
  }
  void let_all_be_ready() {
    let_base_be_ready();
    port = proxy->wait_for_state("web", "ready")["port"];
  }
  void ask_for_restart(const char* service) {
    asking = std::make_unique<Process>(proxy->command({"restart", service}));
  }

  void kill_and_look() {
    proxy->process().signal(SIGKILL);
    proxy->process().wait();
    asking.reset();
    wait_until_gone(proxy->folder());
    look_at_files();
    start_again();
  }

  std::unique_ptr<ServicesProxy> proxy;
  std::unique_ptr<Process> asking;
  Json port;

 private:
  void look_at_files() const {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(proxy->folder().file("devproxy"))) {
      const std::string name = entry.path().filename();
      INFO(name);
      // What is written beside and renamed would be left with another name.
      const bool known = entry.is_directory() || name == "ports" || name == "ports.lock" ||
                         name.starts_with("control-") || name.ends_with(".log") ||
                         name.ends_with(".log.1") || name.starts_with("ca.") ||
                         name.ends_with(".lock");
      CHECK(known);
      if (!entry.is_regular_file() || name.find(".log") == std::string::npos) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      CHECK((text.empty() || text.back() == '\n'));
    }
  }

  /// The same user in the same folder: the same port, a socket that answers, all ready.
  void start_again() const {
    std::filesystem::remove(proxy->folder().file("go"));
    Process next(proxy->command({"serve", "--json"}));
    next.wait_for_line([](const std::string& line) {
      return line.find(R"("service":"base","line":"made")") != std::string::npos;
    });
    proxy->folder().write("go", "\n");
    const Finished waited = proxy->run({"wait", "base", "web", "--json"});
    INFO(waited.output << waited.errors);
    CHECK(waited.exit.code == 0);
    const Json status = parse_json(proxy->run({"status", "--json"}).output);
    REQUIRE(status["proxies"].size() == 1);
    CHECK(status["proxies"][0]["pid"] == next.pid());
    if (port.is_number()) {
      CHECK_THAT(json_line(status), ContainsSubstring(":" + std::to_string(port.get<int>()) + " "));
    }
    next.signal(SIGTERM);
    next.signal(SIGINT);  // impatience; two of one kind might be one
    next.wait();
    wait_until_gone(proxy->folder());
  }
};

TEST_CASE("killed: while the first service starts", "[services]") {
  Killed run;
  run.kill_and_look();
}

TEST_CASE("killed: while one starts and another waits for it", "[services]") {
  Killed run;
  run.proxy->wait_for_output("base", "made");
  run.proxy->wait_for_state("web", "waiting");
  run.kill_and_look();
}

TEST_CASE("killed: in the moment when the one that was waited for is ready", "[services]") {
  Killed run;
  run.let_base_be_ready();
  run.kill_and_look();
}

TEST_CASE("killed: when all are ready", "[services]") {
  Killed run;
  run.let_all_be_ready();
  run.kill_and_look();
}

TEST_CASE("killed: while one that crashed waits for its next start", "[services]") {
  Killed run;
  run.proxy->wait_for_event([](const Json& event) {
    return event.value("service", "") == "crash" && event.contains("again_in_ms");
  });
  run.kill_and_look();
}

TEST_CASE("killed: in the middle of a reload", "[services]") {
  Killed run;
  run.let_all_be_ready();
  run.proxy->write_config(run.proxy->config_text(std::string(routes) + "env = { NEW = \"1\" }\n"));
  run.asking = std::make_unique<Process>(run.proxy->command({"reload"}));
  run.kill_and_look();
}

TEST_CASE("killed: while a reload stops what it changed", "[services]") {
  Killed run;
  run.let_all_be_ready();
  const std::size_t mark = run.proxy->mark();
  std::string text = routes;
  text.replace(text.find("trap"), 0, "true; ");
  run.proxy->write_config(run.proxy->config_text(text));
  run.proxy->wait_for_state("base", "stopping", mark);
  run.kill_and_look();
}

TEST_CASE("killed: while a restart stops the service", "[services]") {
  Killed run;
  run.let_all_be_ready();
  const std::size_t mark = run.proxy->mark();
  run.ask_for_restart("web");
  run.proxy->wait_for_state("web", "stopping", mark);
  run.kill_and_look();
}

TEST_CASE("killed: while a restart starts it again", "[services]") {
  Killed run;
  run.let_all_be_ready();
  const std::size_t mark = run.proxy->mark();
  run.ask_for_restart("chatter");
  run.proxy->wait_for_state("chatter", "starting", mark);
  run.kill_and_look();
}

TEST_CASE("killed: while it stops", "[services]") {
  Killed run;
  run.let_all_be_ready();
  const std::size_t mark = run.proxy->mark();
  run.proxy->process().signal(SIGTERM);
  run.proxy->wait_for_state("web", "stopping", mark);
  run.kill_and_look();
}

}  // namespace
}  // namespace devproxy
