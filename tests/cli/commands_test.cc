// The real program, run as a user or a script runs it.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/json.h"
#include "tests/support/process.h"
#include "tests/support/raw_client.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Command command_in(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), DEVPROXY_BINARY);
  Command command;
  command.arguments = std::move(arguments);
  command.folder = folder.path();
  return command;
}

Finished devproxy_in(const TempDir& folder, std::vector<std::string> arguments) {
  return run(command_in(folder, std::move(arguments)));
}

std::string file_for(std::uint16_t service, const std::string& listen) {
  return "name = \"shop\"\n[services.web]\nhost = \"shop.localhost\"\nport = " +
         std::to_string(service) + "\n[proxy]\nlisten = [\"" + listen + "\"]\n";
}

/// A process that is not ours to wait for, stopped with the test.
struct Stopped {
  explicit Stopped(pid_t id) : pid(id) {}
  ~Stopped() { stop(); }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  void stop() const { ::kill(pid, SIGTERM); }

  pid_t pid;
};

bool has(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

TEST_CASE("commands: check accepts a good file", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", file_for(4001, "127.0.0.1:0"));
  const Finished done = devproxy_in(folder, {"check"});
  CHECK(done.exit.code == 0);
  CHECK(done.output == "devproxy.toml: 1 service, 1 route, no problem found\n");
  CHECK(done.errors.empty());
}

TEST_CASE("commands: check shows every problem on stderr and ends with 2", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", "nmae = \"x\"\n[services.web]\nprot = 1\n");
  const Finished done = devproxy_in(folder, {"check"});
  CHECK(done.exit.code == 2);
  CHECK(done.output.empty());
  CHECK_THAT(done.errors, ContainsSubstring("devproxy.toml:1:1:"));
  CHECK_THAT(done.errors, ContainsSubstring("devproxy.toml:3:1:"));
  CHECK_THAT(done.errors, ContainsSubstring("devproxy: error: "));
  CHECK_THAT(done.errors, ContainsSubstring("hint: "));
  CHECK(done.errors.find('\x1b') == std::string::npos);
}

TEST_CASE("commands: check --json prints one object with the same", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", "nmae = \"x\"\n");
  const Finished done = devproxy_in(folder, {"check", "--json"});
  CHECK(done.exit.code == 2);
  CHECK(done.errors.empty());
  const Json json = parse_json(done.output);
  CHECK(json["valid"] == false);
  CHECK(json["problems"][0]["line"] == 1);
}

TEST_CASE("commands: a missing file is said without a place", "[cli]") {
  const TempDir folder;
  for (const char* name : {"check", "routes", "serve", "up"}) {
    const Finished done = devproxy_in(folder, {name, "-c", "nothere.toml"});
    CHECK(done.exit.code == 2);
    CHECK_THAT(done.errors, ContainsSubstring("devproxy: error: nothere.toml: "));
  }
  const Finished json = devproxy_in(folder, {"routes", "--json", "-c", "nothere.toml"});
  CHECK(json.exit.code == 2);
  CHECK(parse_json(json.output)["schema"] == "devproxy.error/v1");
}

TEST_CASE("commands: DEVPROXY_CONFIG names the file, -c wins over it", "[cli]") {
  const TempDir folder;
  folder.write("a.toml", "name = \"a\"\n[services.x]\nport = 4001\n");
  folder.write("b.toml", "name = \"b\"\n[services.x]\nport = 4001\n");
  Command command = command_in(folder, {"routes", "--json"});
  command.environment = {{"DEVPROXY_CONFIG", folder.file("a.toml")}};
  CHECK(parse_json(run(command).output)["project"] == "a");
  command.arguments.insert(command.arguments.end(), {"-c", "b.toml"});
  CHECK(parse_json(run(command).output)["project"] == "b");
}

TEST_CASE("commands: routes and explain print plain text without a terminal", "[cli]") {
  const TempDir folder;
  const ReservedPort port;
  folder.write("devproxy.toml", file_for(port.number(), "127.0.0.1:6289"));
  const Finished routes = devproxy_in(folder, {"routes"});
  CHECK(routes.exit.code == 0);
  CHECK(routes.output ==
        "  URL                          SERVICE  TARGET\n"
        "  https://shop.localhost:6289  web      :" +
            std::to_string(port.number()) + "\n");
  const Finished explained = devproxy_in(folder, {"explain", "shop.localhost/x"});
  CHECK(explained.exit.code == 3);
  CHECK_THAT(explained.output, ContainsSubstring("GET https://shop.localhost:6289/x\n"));
  CHECK(explained.output.find('\x1b') == std::string::npos);
  const Json json =
      parse_json(devproxy_in(folder, {"explain", "--json", "shop.localhost/x"}).output);
  CHECK(json["schema"] == "devproxy.explain/v1");
  CHECK(json["reachable"] == false);
  CHECK(json["routes"][0]["service"] == "web");
}

TEST_CASE("commands: explain names who listens on the service's port", "[cli]") {
  const TempDir folder;
  const ReservedPort port;
  const Descriptor service = listen_on(Family::v4, port.number());
  folder.write("devproxy.toml", file_for(port.number(), "127.0.0.1:6289"));
  const Finished explained = devproxy_in(folder, {"explain", "shop.localhost/x"});
  CHECK(explained.exit.code == 0);
  CHECK_THAT(explained.output,
             ContainsSubstring("127.0.0.1:" + std::to_string(port.number()) + "  listening: "));
  CHECK_THAT(explained.output, ContainsSubstring("(pid " + std::to_string(::getpid()) + ","));
}

TEST_CASE("commands: errors of usage end with 2, as JSON when asked", "[cli]") {
  const TempDir folder;
  const Finished words = devproxy_in(folder, {"serv"});
  CHECK(words.exit.code == 2);
  CHECK(words.errors ==
        "devproxy: error: there is no command \"serv\"\nhint: did you mean \"serve\"?\n");
  const Finished json = devproxy_in(folder, {"serv", "--json"});
  CHECK(json.exit.code == 2);
  CHECK(json.errors.empty());
  CHECK(parse_json(json.output)["code"] == "usage.unknown_command");
  CHECK(devproxy_in(folder, {"down"}).exit.code == 2);
}

TEST_CASE("commands: version and help are for people and programs", "[cli]") {
  const TempDir folder;
  CHECK(parse_json(devproxy_in(folder, {"version", "--json"}).output)["schema"] ==
        "devproxy.version/v1");
  CHECK(devproxy_in(folder, {"version"}).output == devproxy_in(folder, {"--version"}).output);
  CHECK(devproxy_in(folder, {"help", "check"}).output ==
        devproxy_in(folder, {"check", "--help"}).output);
  CHECK(parse_json(devproxy_in(folder, {"help", "check", "--json"}).output)["schema"] ==
        "devproxy.help/v1");
  CHECK(devproxy_in(folder, {}).exit.code == 0);
}

TEST_CASE("commands: up shows the real port, then requests, and ends with 0 on SIGINT and SIGTERM",
          "[cli]") {
  const TempDir folder;
  const ReservedPort service;
  folder.write("devproxy.toml", file_for(service.number(), "127.0.0.1:0"));
  const int signal = GENERATE(SIGINT, SIGTERM);
  Process proxy(command_in(folder, {"up"}));
  const std::string row = proxy.wait_for_line(
      [](const std::string& line) { return has(line, "https://shop.localhost:"); });
  const std::size_t at = row.find("localhost:") + 10;
  const auto port = static_cast<std::uint16_t>(std::stoul(row.substr(at)));
  CHECK(port != 0);
  RawClient(port).ask(get("shop.localhost", "/a\x7f"));
  RawClient(port).ask(get("shop.localhost", "/seen?secret"));
  const std::string line =
      proxy.wait_for_line([](const std::string& each) { return has(each, "/seen"); });
  CHECK(has(line, " 503 "));
  CHECK_FALSE(has(line, "secret"));
  proxy.signal(signal);
  CHECK(proxy.wait().code == 0);
  CHECK_THAT(proxy.output(), ContainsSubstring("stopping"));
  CHECK(proxy.output().find('\x7f') == std::string::npos);
}

TEST_CASE("commands: a taken address ends with 4 and names who holds it", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  const Descriptor listener = listen_on(Family::v4, reserved.number());
  const std::string address = "127.0.0.1:" + std::to_string(reserved.number());
  folder.write("devproxy.toml", file_for(4001, address));
  const Finished words = devproxy_in(folder, {"serve"});
  CHECK(words.exit.code == 4);
  CHECK_THAT(words.errors, ContainsSubstring("devproxy: error: " + address + " is taken by "));
  CHECK_THAT(words.errors, ContainsSubstring("(pid " + std::to_string(::getpid()) + ", "));
  CHECK_THAT(words.errors, ContainsSubstring(", in "));
  CHECK_THAT(words.errors, ContainsSubstring("hint: stop it"));
  CHECK_THAT(words.errors, ContainsSubstring("listen = [\"127.0.0.1:629"));
  const Finished json = devproxy_in(folder, {"serve", "--json"});
  CHECK(json.exit.code == 4);
  CHECK(parse_json(json.output)["code"] == "listen.taken");
}

TEST_CASE("commands: two projects that ask for one TCP port are told of each other", "[cli]") {
  const ReservedPair port;
  const std::string tcp = "port = 4001\nlisten = " + std::to_string(port.number()) + "\n";
  const std::string proxy_on = "[proxy]\nlisten = [\"127.0.0.1:0\"]\n";
  const TempDir shop;
  shop.write("devproxy.toml", "name = \"shop\"\n[services.db]\n" + tcp + proxy_on);
  const TempDir blog;
  blog.write("devproxy.toml", "name = \"blog\"\n[services.store]\n" + tcp + proxy_on);
  Process first(command_in(shop, {"up"}));
  first.wait_for_line([](const std::string& line) { return has(line, "tcp 127.0.0.1:"); });
  const Finished second = devproxy_in(blog, {"serve"});
  CHECK(second.exit.code == 4);
  CHECK_THAT(second.errors,
             ContainsSubstring("127.0.0.1:" + std::to_string(port.number()) +
                               " (listen of store) is taken by devproxy __proxy (pid ") &&
                 ContainsSubstring("), which serves the project shop (") &&
                 ContainsSubstring("devproxy.toml) and its service db there"));
  CHECK_THAT(second.errors, ContainsSubstring("two projects ask for one port"));
  CHECK_THAT(second.errors, ContainsSubstring("under [services.store]"));
}

TEST_CASE("commands: an address that the machine does not have is said", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", file_for(4001, "127.0.0.1:0") + "expose = true\n");
  folder.write("devproxy.local.toml", "[proxy]\nlisten = [\"192.0.2.1:6289\"]\n");
  const Finished done = devproxy_in(folder, {"serve"});
  CHECK(done.exit.code == 1);
  CHECK_THAT(done.errors, ContainsSubstring("192.0.2.1:6289: this machine has no such address"));
}

TEST_CASE("commands: SIGHUP reloads and says what changed; a broken file changes nothing",
          "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", file_for(4001, "127.0.0.1:0"));
  Process proxy(command_in(folder, {"serve"}));
  proxy.wait_for_line([](const std::string& line) { return has(line, "-> web :4001"); });
  folder.replace("devproxy.toml", file_for(4002, "127.0.0.1:0"));
  proxy.signal(SIGHUP);
  proxy.wait_for_line([](const std::string& line) { return has(line, ":4001 -> :4002"); });
  folder.replace("devproxy.toml", "nonsense = 1\n");
  proxy.signal(SIGHUP);
  proxy.wait_for_error_line(
      [](const std::string& line) { return has(line, "devproxy.toml:1:1:"); });
  proxy.wait_for_error_line(
      [](const std::string& line) { return has(line, "not reloaded, the old routes stay"); });
  folder.replace("devproxy.toml", file_for(4003, "127.0.0.1:0"));
  proxy.signal(SIGHUP);
  proxy.wait_for_line([](const std::string& line) { return has(line, ":4002 -> :4003"); });
  proxy.signal(SIGTERM);
  CHECK(proxy.wait().code == 0);
}

TEST_CASE("commands: a reload that asks for a taken address keeps what is there", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  const Descriptor listener = listen_on(Family::v4, reserved.number());
  folder.write("devproxy.toml", file_for(4001, "127.0.0.1:0"));
  Process proxy(command_in(folder, {"serve", "--json"}));
  const Json listening = parse_json(
      proxy.wait_for_line([](const std::string& line) { return has(line, "listening"); }));
  const std::string address = listening["listeners"][0];
  folder.replace("devproxy.toml", file_for(4002, "127.0.0.1:" + std::to_string(reserved.number())));
  const Json refused = parse_json(
      proxy.wait_for_line([](const std::string& line) { return has(line, "\"reload\""); }));
  CHECK(refused["ok"] == false);
  CHECK(refused["error"]["exit"] == 4);
  const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  CHECK(is_listening(Family::v4, port));
}

TEST_CASE("commands: a second signal ends at once with the signal's code", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  const Descriptor service = listen_on(Family::v4, reserved.number());
  folder.write("devproxy.toml", file_for(reserved.number(), "127.0.0.1:0"));
  const int signal = GENERATE(SIGINT, SIGTERM);
  Process proxy(command_in(folder, {"serve", "--json"}));
  const Json listening = parse_json(
      proxy.wait_for_line([](const std::string& line) { return has(line, "listening"); }));
  const std::string address = listening["listeners"][0];
  const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  // An exchange that never ends: the service accepts (in its backlog) and says nothing.
  RawClient client(port);
  client.send(get("shop.localhost"));
  REQUIRE(wait_ready(service.fd(), POLLIN, WaitLimit()));
  proxy.signal(signal);
  proxy.wait_for_line([](const std::string& line) { return has(line, "stopping"); });
  CHECK(proxy.is_running());
  proxy.signal(signal);
  CHECK(proxy.wait().code == 128 + signal);
}

TEST_CASE("commands: --log json prints one object per request and nothing else", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  const ReservedPort service;
  folder.write("devproxy.toml",
               file_for(service.number(), "127.0.0.1:" + std::to_string(reserved.number())));
  Process proxy(command_in(folder, {"up", "--log", "json"}));
  proxy.wait_for_error_line([](const std::string& line) { return has(line, "listening"); });
  RawClient(reserved.number()).ask(get("shop.localhost", "/x"));
  const Json json = parse_json(proxy.wait_for_line([](const std::string&) { return true; }));
  CHECK(json["path"] == "/x");
  CHECK(json["status"] == 503);
}

TEST_CASE("commands: the reader of stdout may go away", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  const ReservedPort service;
  folder.write("devproxy.toml",
               file_for(service.number(), "127.0.0.1:" + std::to_string(reserved.number())));
  // `head` ends after the first line; the proxy must go on.
  const std::string script =
      "{ sh -c 'echo pid $$ >&2; exec \"$0\" serve' \"$0\"; echo code $? >&2; } | head -n 1";
  Process shell(Command{{"/bin/sh", "-c", script, DEVPROXY_BINARY}, folder.path(), {}, {}});
  const std::string line =
      shell.wait_for_error_line([](const std::string& each) { return each.starts_with("pid "); });
  const Stopped proxy{static_cast<pid_t>(std::stol(line.substr(4)))};
  shell.wait_for_line([](const std::string& each) { return has(each, "serves shop"); });
  for (int i = 0; i < 3; ++i) {
    CHECK(RawClient(reserved.number()).ask(get("shop.localhost", "/x")).status() == 503);
  }
  proxy.stop();
  shell.wait_for_error_line([](const std::string& each) { return each == "code 0"; });
}

}  // namespace
}  // namespace devproxy
