// `devproxy ports`, the real program beside real listeners.
#include <unistd.h>

#include <csignal>

#include "base/json.h"
#include "tests/support/process.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Command ports_in(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {DEVPROXY_BINARY, "ports"});
  Command command;
  command.arguments = std::move(arguments);
  command.folder = folder.path();
  return command;
}

std::string number(std::uint16_t port) {
  return std::to_string(port);
}

/// A file whose own listener is nobody's concern here.
std::string file_for(std::uint16_t service) {
  return "name = \"shop\"\n[services.web]\nport = " + number(service) +
         "\n[proxy]\nlisten = [\"127.0.0.1:0\"]\n";
}

bool has_part(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

TEST_CASE("ports: the table has a listener of ours, its process and its service", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  const Descriptor listener = listen_on(Family::v4, reserved.number());
  folder.write("devproxy.toml", file_for(reserved.number()));
  const Finished done = run(ports_in(folder, {}));
  CHECK(done.exit.code == 0);
  CHECK_THAT(done.output, ContainsSubstring("ADDRESS"));
  const std::size_t at = done.output.find("  127.0.0.1:" + number(reserved.number()) + " ");
  REQUIRE(at != std::string::npos);
  const std::string row = done.output.substr(at, done.output.find('\n', at) - at);
  CHECK(has_part(row, " loopback "));
  CHECK(has_part(row, " " + std::to_string(::getpid()) + " "));
  CHECK(has_part(row, " web "));
  CHECK(has_part(row, "test_cli"));
  CHECK(done.output.find('\x1b') == std::string::npos);
}

TEST_CASE("ports: one port is told, as a number, an address or a URL", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  const Descriptor listener = listen_on(Family::v4, reserved.number());
  const std::string port = number(reserved.number());
  for (const std::string& asked : {port, ":" + port, "127.0.0.1:" + port, "[::1]:" + port,
                                   "http://localhost:" + port + "/x"}) {
    CAPTURE(asked);
    const Finished done = run(ports_in(folder, {asked}));
    CHECK(done.exit.code == 0);
    CHECK_THAT(done.output, ContainsSubstring("port " + port + "\n"));
    CHECK_THAT(done.output, ContainsSubstring("(pid " + std::to_string(::getpid()) + ", child of"));
  }
  const Json json = parse_json(run(ports_in(folder, {port, "--json"})).output);
  CHECK(json["schema"] == "devproxy.ports/v1");
  CHECK(json["asked"]["listening"] == true);
  REQUIRE(json["listeners"].size() == 1);
  CHECK(json["listeners"][0]["process"]["pid"] == ::getpid());
  CHECK(json["listeners"][0]["exposed"] == false);
}

TEST_CASE("ports: nobody listens is exit 3, and the service that should is named", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  folder.write("devproxy.toml", file_for(reserved.number()));
  const Finished words = run(ports_in(folder, {number(reserved.number())}));
  CHECK(words.exit.code == 3);
  CHECK_THAT(words.output, ContainsSubstring("Nobody listens there"));
  CHECK_THAT(words.output, ContainsSubstring("web of shop (devproxy.toml:3) expects its server"));
  const Finished json = run(ports_in(folder, {number(reserved.number()), "--json"}));
  CHECK(json.exit.code == 3);
  CHECK(parse_json(json.output)["expected"][0]["service"] == "web");
}

TEST_CASE("ports: a free port can be listened on, on both families", "[cli]") {
  const TempDir folder;
  const Finished words = run(ports_in(folder, {"--free"}));
  CHECK(words.exit.code == 0);
  const auto port = static_cast<std::uint16_t>(std::stoul(words.output));
  CHECK(words.output == number(port) + "\n");
  CHECK(port >= 1024);
  CHECK_FALSE(is_listening(Family::v4, port));
  CHECK_FALSE(is_listening(Family::v6, port));
  const Json json = parse_json(run(ports_in(folder, {"--free", "--json"})).output);
  CHECK(json["schema"] == "devproxy.free_port/v1");
  CHECK(json["port"].is_number());
}

TEST_CASE("ports: wrong usage ends with 2", "[cli]") {
  const TempDir folder;
  for (const char* wrong : {"0", "65536", "web", "127.0.0.1", "-1"}) {
    CAPTURE(wrong);
    CHECK(run(ports_in(folder, {wrong})).exit.code == 2);
  }
  CHECK(run(ports_in(folder, {"5173", "--free"})).exit.code == 2);
  CHECK(run(ports_in(folder, {"--watch", "--free"})).exit.code == 2);
}

TEST_CASE("ports: a broken file is noted, one that was named is an error", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", "nmae = 1\n");
  const Finished found = run(ports_in(folder, {}));
  CHECK(found.exit.code == 0);
  CHECK_THAT(found.output, ContainsSubstring("devproxy.toml has problems"));
  CHECK(run(ports_in(folder, {"-c", "devproxy.toml"})).exit.code == 2);
  CHECK(run(ports_in(folder, {"-c", "nothere.toml"})).exit.code == 2);
}

TEST_CASE("ports: watching tells what opens and closes, and ends with 0", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  folder.write("devproxy.toml", file_for(reserved.number()));
  const int signal = GENERATE(SIGINT, SIGTERM);
  Process watch(ports_in(folder, {number(reserved.number()), "--watch"}));
  watch.wait_for_line([](const std::string& line) { return has_part(line, "expects its server"); });
  const std::string address = "127.0.0.1:" + number(reserved.number());
  {
    const Descriptor listener = listen_on(Family::v4, reserved.number());
    const std::string line = watch.wait_for_line([&address](const std::string& each) {
      return has_part(each, " + " + address + "  loopback  ");
    });
    CHECK(has_part(line, "(pid " + std::to_string(::getpid()) + ") in "));
    CHECK(has_part(line, ", web of shop"));
  }
  watch.wait_for_line(
      [&address](const std::string& each) { return has_part(each, " - " + address + "  "); });
  watch.signal(signal);
  CHECK(watch.wait().code == 0);
}

TEST_CASE("ports: watching as JSON is the state, then one event a line", "[cli]") {
  const TempDir folder;
  const ReservedPort reserved;
  Process watch(ports_in(folder, {"--watch", "--json"}));
  const Json first = parse_json(watch.wait_for_line([](const std::string&) { return true; }));
  CHECK(first["schema"] == "devproxy.ports/v1");
  const std::string part = "\"port\":" + number(reserved.number()) + ",";
  const auto event = [&watch, &part](const std::string& kind) {
    return parse_json(watch.wait_for_line(
        [&](const std::string& line) { return has_part(line, kind) && has_part(line, part); }, 1));
  };
  {
    const Descriptor listener = listen_on(Family::v4, reserved.number());
    const Json opened = event("port_opened");
    CHECK(opened["schema"] == "devproxy.event/v1");
    CHECK(opened["listener"]["process"]["pid"] == ::getpid());
  }
  CHECK(event("port_closed")["listener"]["address"] == "127.0.0.1");
  watch.signal(SIGINT);
  CHECK(watch.wait().code == 0);
}

TEST_CASE("ports: watching ends when nobody reads any more", "[cli]") {
  const TempDir folder;
  const std::string script = R"({ "$0" ports --watch; echo code $? >&2; } | head -n 1)";
  Process shell(Command{{"/bin/sh", "-c", script, DEVPROXY_BINARY}, folder.path(), {}, {}});
  shell.wait_for_line([](const std::string&) { return true; });
  shell.wait_for_error_line([](const std::string& line) { return line == "code 0"; });
}

}  // namespace
}  // namespace devproxy
