#include "services/follow_match.h"

#include "tests/support/test.h"

namespace devproxy {
using Catch::Matchers::StartsWith;

namespace {

using Clock = std::chrono::system_clock;

ScannedProcess process(pid_t pid, std::string name, std::vector<std::string> command,
                       std::string folder) {
  return {pid,
          std::move(name),
          std::move(command),
          std::move(folder),
          Clock::time_point(std::chrono::seconds(pid)),
          false};
}

ScannedListener listener(std::uint16_t port, std::vector<ScannedProcess> chain,
                         const char* address = "127.0.0.1") {
  ScannedListener made;
  made.socket.local = {*parse_ip(address), port};
  made.socket.listening = true;
  made.chain = std::move(chain);
  return made;
}

FollowTarget in_folder(std::string dir) {
  FollowTarget rule;
  rule.dir = std::move(dir);
  return rule;
}

std::optional<Found> find(const FollowTarget& rule, const std::vector<ScannedListener>& listeners,
                          std::optional<pid_t> pid = std::nullopt) {
  return choose(candidates_of({rule, rule.dir, pid}, listeners, 1000));
}

std::uint16_t port_of(const std::optional<Found>& found) {
  return found ? found->place.port : std::uint16_t{0};
}

TEST_CASE("follow: a glob fits the program's name and the line from one of its first words",
          "[services]") {
  const ScannedProcess server =
      process(1, "python3", {"/usr/bin/python3", "-m", "uvicorn", "app:api", "--port=1"}, "/");
  for (const char* glob : {"python3", "uvicorn*", "python3 -m uvicorn *", "*app:api*",
                           "/usr/bin/python3*", "uvicorn app:???*"}) {
    CAPTURE(glob);
    CHECK(fits_command(glob, server));
  }
  for (const char* glob : {"uvicorn", "node*", "api*", "*gunicorn*", "--port*"}) {
    CAPTURE(glob);
    CHECK_FALSE(fits_command(glob, server));
  }
  const ScannedProcess vite =
      process(1, "node", {"node", "/shop/node_modules/.bin/vite", "--host"}, "/");
  CHECK(fits_command("vite*", vite));
  CHECK(fits_command("vite --host", vite));
}

TEST_CASE("follow: who works in the folder is found, and who descends from him", "[services]") {
  const ScannedProcess npm = process(10, "npm", {"npm", "start"}, "/shop/admin");
  const ScannedProcess deep = process(12, "node", {"node", "x.js"}, "/tmp");
  const std::vector<ScannedListener> listeners{
      listener(4000, {process(20, "node", {}, "/shop")}),
      listener(4001, {process(21, "node", {}, "/shop/admin/sub")}),
      listener(4002, {deep, process(11, "sh", {}, "/tmp"), npm})};
  CHECK(port_of(find(in_folder("/shop/admin"), listeners)) == 4002);
  CHECK(find(in_folder("/shop/admin"), listeners)->owner == "node (pid 12)");
  CHECK_FALSE(find(in_folder("/nowhere"), listeners).has_value());
}

TEST_CASE("follow: all keys must fit one process", "[services]") {
  FollowTarget rule = in_folder("/shop");
  rule.command = "node*";
  const std::vector<ScannedListener> listeners{
      listener(4000, {process(20, "python3", {}, "/shop")}),
      listener(4001, {process(21, "node", {}, "/other"), process(19, "sh", {}, "/shop")}),
      listener(4002, {process(22, "node", {}, "/shop")})};
  CHECK(port_of(find(rule, listeners)) == 4002);
  FollowTarget by_pid;
  by_pid.pid_file = "/x.pid";
  CHECK(port_of(find(by_pid, listeners, 19)) == 4001);
  CHECK_FALSE(find(by_pid, listeners).has_value());
}

TEST_CASE("follow: of several the same one is always chosen, and why is said", "[services]") {
  const ScannedProcess parent = process(10, "npm", {}, "/shop");
  const ScannedProcess child = process(11, "node", {}, "/tmp");
  const ScannedProcess older = process(20, "node", {}, "/shop");
  const ScannedProcess newer = process(21, "node", {}, "/shop");
  struct Row {
    std::vector<ScannedListener> listeners;
    std::uint16_t port;
    const char* why;
  };
  const Row rows[] = {
      {{listener(3000, {child, parent}), listener(4000, {older})},
       4000,
       "4000 before 3000 of node (pid 11): it matches itself, not by a parent"},
      {{listener(3000, {newer}), listener(4000, {older})},
       4000,
       "4000 before 3000 of node (pid 21): it began first"},
      {{listener(5000, {older}), listener(4000, {older})},
       4000,
       "4000 before 5000 of node (pid 20): it is the lower port"},
      {{listener(4000, {older}), listener(4000, {older}, "::1")}, 4000, ""},
  };
  for (const Row& row : rows) {
    std::vector<ScannedListener> listeners = row.listeners;
    for (int turn = 0; turn < 2; ++turn) {
      const auto found = find(in_folder("/shop"), listeners);
      CHECK(port_of(found) == row.port);
      CHECK_THAT(found->reason, StartsWith(row.why));
      CHECK(found->reason.empty() == std::string_view(row.why).empty());
      std::reverse(listeners.begin(), listeners.end());
    }
  }
}

TEST_CASE("follow: a port narrows it, and debuggers are never meant", "[services]") {
  const ScannedProcess server = process(20, "node", {}, "/shop");
  const std::vector<ScannedListener> listeners{listener(3000, {server}), listener(4000, {server}),
                                               listener(9229, {server})};
  FollowTarget rule = in_folder("/shop");
  CHECK(port_of(find(rule, listeners)) == 3000);
  rule.port = 4000;
  CHECK(port_of(find(rule, listeners)) == 4000);
  rule.port = 9229;
  CHECK(port_of(find(rule, listeners)) == 9229);
  rule.port = 0;
  CHECK_FALSE(find(rule, {listener(9229, {server})}).has_value());
}

TEST_CASE("follow: the addresses are those of its own sockets", "[services]") {
  const ScannedProcess mine = process(20, "node", {}, "/shop");
  const ScannedProcess other = process(30, "node", {}, "/other");
  const FollowTarget rule = in_folder("/shop");
  CHECK(find(rule, {listener(3000, {mine}, "::1"), listener(3000, {other})})->place ==
        LoopbackPlace{3000, false, true, false});
  CHECK(find(rule, {listener(3000, {mine}, "0.0.0.0")})->place ==
        LoopbackPlace{3000, true, false, false});
  CHECK(find(rule, {listener(3000, {mine}, "::")})->place == LoopbackPlace{3000, true, true, true});
  CHECK(find(rule, {listener(3000, {mine}), listener(3000, {mine}, "::1")})->place ==
        LoopbackPlace{3000, true, true, false});
}

TEST_CASE("follow: a terminal's shell, this devproxy and another one lead to nobody",
          "[services]") {
  ScannedProcess shell = process(10, "bash", {}, "/shop");
  shell.is_shell = true;
  const ScannedProcess stranger = process(11, "code", {}, "/tmp");
  const FollowTarget rule = in_folder("/shop");
  CHECK_FALSE(find(rule, {listener(3000, {stranger, shell})}).has_value());
  const ScannedProcess own = process(1000, "devproxy", {}, "/shop");
  const ScannedProcess service = process(1001, "node", {}, "/shop");
  CHECK_FALSE(find(rule, {listener(6289, {own})}).has_value());
  CHECK_FALSE(find(rule, {listener(3000, {service, own})}).has_value());
  const ScannedProcess another = process(500, "devproxy", {}, "/shop");
  CHECK_FALSE(find(rule, {listener(6290, {another})}).has_value());
  CHECK_FALSE(find(rule, {listener(3000, {stranger, another})}).has_value());
  CHECK(port_of(find(rule, {listener(3000, {service, another})})) == 3000);
}

TEST_CASE("follow: the tree of a program is its descendants and whoever carries its mark",
          "[services]") {
  const ScannedProcess leader = process(40, "sh", {}, "/");
  ScannedListener strayed = listener(5000, {process(50, "node", {}, "/")});
  strayed.mark = "run.web";
  const std::vector<ScannedListener> listeners{
      strayed, listener(6000, {process(41, "node", {}, "/"), leader}),
      listener(7000, {process(60, "node", {}, "/")})};
  CHECK(candidates_of_tree(40, "run.web", listeners).size() == 2);
  CHECK(port_of(choose(candidates_of_tree(40, "run.web", listeners))) == 6000);
  CHECK(port_of(choose(candidates_of_tree(1, "run.web", listeners))) == 5000);
  CHECK(candidates_of_tree(1, "run.other", listeners).empty());
}

}  // namespace
}  // namespace devproxy
