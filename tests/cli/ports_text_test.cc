#include "cli/ports/ports_text.h"

#include <unistd.h>

#include "base/text.h"
#include "cli/terminal/process_words.h"
#include "tests/cli/configs.h"
#include "tests/cli/held_sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

constexpr uid_t other_user = 4'000'000'001U;

PortsView plain_view(std::size_t width = SIZE_MAX) {
  PortsView view;
  view.width = width;
  view.home = "/home/a";
  return view;
}

Config listed_shop() {
  Config config;
  config.project = "shop";
  config.root = "/home/a/shop";
  Service web;
  web.name = "web";
  web.target = PortTarget{5173};
  web.at = {"devproxy.toml", 3, 8};
  config.services = {web};
  config.proxy.listen = {address("127.0.0.1", 6289)};
  return config;
}

PortReport some_report(const Config* config) {
  HeldSocket nginx = listener_of("0.0.0.0", 80, 812, "nginx", "/", geteuid());
  nginx.process->keeper.unit = "nginx.service";
  return port_report(
      {listener_of("127.0.0.1", 5173, 4312, "node", "/home/a/shop/web", geteuid()), nginx,
       listener_of("127.0.0.1", 6289, 99, "devproxy", "/home/a/shop", geteuid()),
       listener_at("::1", 40000, other_user)},
      config, usual_kernel());
}

TEST_CASE("ports table: one line for each listener, and what the marks mean", "[cli]") {
  const Config config = listed_shop();
  CHECK(ports_table(some_report(&config), plain_view()) ==
        "  ADDRESS         REACH     CLASS         PID   SINCE  SERVICE  COMMAND               "
        "         FOLDER OR UNIT\n"
        "  0.0.0.0:80      NETWORK   well-known    812   2h     -        nginx serve           "
        "         nginx.service\n"
        "  127.0.0.1:5173  loopback  registered    4312  2h     web      node serve            "
        "         ~/shop/web\n"
        "  127.0.0.1:6289  loopback  registered    99    2h     (proxy)  devproxy serve        "
        "         ~/shop\n"
        "  [::1]:40000     loopback  registered ~  -     -      -        another user (uid "
        "4000000001)  -\n"
        "\n"
        "NETWORK: other machines reach it, unless a firewall is in the way\n"
        "~: in the ephemeral range 32768-60999, from which outgoing connections are served\n");
}

TEST_CASE("ports table: no service column without a project, nothing without listeners", "[cli]") {
  CHECK(ports_table(some_report(nullptr), plain_view()).find("SERVICE") == std::string::npos);
  CHECK(ports_table(port_report({}, nullptr, usual_kernel()), plain_view()) ==
        "Nobody listens on a TCP port here.\n");
}

TEST_CASE("ports table: it fits the terminal, in two lines each where one is too long", "[cli]") {
  const Config config = listed_shop();
  PortReport report = some_report(&config);
  report.rows[1].held.process->command.push_back(std::string(200, 'x'));
  report.rows[1].held.process->folder = "/home/a/" + std::string(100, 'y') + "/end";
  for (const std::size_t width : {80U, 100U, 120U, 200U}) {
    CAPTURE(width);
    const std::string text = ports_table(report, plain_view(width));
    const std::string rows = text.substr(0, text.find("\n\n"));
    for (const std::string_view line : split(rows, '\n')) CHECK(line.size() <= width);
    CHECK_THAT(rows, ContainsSubstring("..."));
    CHECK_THAT(rows, ContainsSubstring("y/end"));
  }
  CHECK_THAT(ports_table(some_report(&config), plain_view(80)),
             ContainsSubstring("  4312  2h     web\n    node serve  ~/shop/web\n"));
}

TEST_CASE("ports table: what a process says of itself is escaped", "[cli]") {
  PortReport report =
      port_report({listener_of("127.0.0.1", 5173, 1, "no\x1b[2Jde", "/tmp/\x9b[31m", geteuid())},
                  nullptr, usual_kernel());
  report.rows[0].held.process->command.push_back("\n\x07");
  report.rows[0].held.process->keeper.unit = "\x1b.service";
  for (const std::string& text :
       {ports_table(report, plain_view()), port_text(report, 5173, plain_view()),
        change_line(report.rows[0], true, plain_view())}) {
    CHECK_THAT(text, ContainsSubstring("\\x1b[2Jde serve \\x0a\\x07"));
    for (const char c : text) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
  }
}

TEST_CASE("ports table: colours do not move the columns", "[cli]") {
  const Config config = listed_shop();
  PortsView view = plain_view();
  view.colour = true;
  std::string coloured = ports_table(some_report(&config), view);
  CHECK_THAT(coloured, ContainsSubstring("\x1b[33mNETWORK\x1b[0m   well-known"));
  while (coloured.find('\x1b') != std::string::npos) {
    const std::size_t at = coloured.find('\x1b');
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  CHECK(coloured == ports_table(some_report(&config), plain_view()));
}

TEST_CASE("ports: one port is told whole", "[cli]") {
  const Config config = listed_shop();
  const std::string text = port_text(only_port(some_report(&config), 5173), 5173, plain_view());
  CHECK_THAT(text, ContainsSubstring("port 5173\n  registered (1024-49151): "));
  CHECK_THAT(text, ContainsSubstring("commonly used by Vite\n"));
  CHECK_THAT(text, ContainsSubstring("\n  127.0.0.1:5173\n    reach     loopback: "));
  CHECK_THAT(text, ContainsSubstring("process   node serve (pid 4312, child of 1)\n"));
  CHECK_THAT(text, ContainsSubstring("folder    ~/shop/web\n"));
  CHECK_THAT(text, ContainsSubstring("service   web of shop\n"));
  const std::string unit = port_text(only_port(some_report(&config), 80), 80, plain_view());
  CHECK_THAT(unit, ContainsSubstring("run by    nginx.service\n"));
  CHECK_THAT(unit, ContainsSubstring("NETWORK: other machines reach it"));
}

TEST_CASE("ports: when nobody listens, it is said who is expected and what the port means",
          "[cli]") {
  const Config config = listed_shop();
  const PortReport empty = port_report({}, &config, usual_kernel());
  const auto text = [&empty](std::uint16_t port) {
    return port_text(only_port(empty, port), port, plain_view());
  };
  CHECK_THAT(text(5173), ContainsSubstring("Nobody listens there"));
  CHECK_THAT(text(5173), ContainsSubstring("web of shop (devproxy.toml:3) expects its server"));
  CHECK_THAT(text(6289), ContainsSubstring("the proxy of shop (by default) expects to listen"));
  CHECK_THAT(text(62893), ContainsSubstring("dynamic (49152-65535)"));
  CHECK_THAT(text(62893), ContainsSubstring("outside the ephemeral range 32768-60999"));
  CHECK_THAT(text(62893), ContainsSubstring("Nothing in the file of shop expects a server"));
  CHECK_THAT(text(40000), ContainsSubstring("inside the ephemeral range 32768-60999"));
  CHECK_THAT(text(6000), ContainsSubstring("browsers refuse to open it"));
  CHECK_THAT(text(80), ContainsSubstring("Ports below 1024 need a privilege"));
}

TEST_CASE("process words: command, keeper, age and folder", "[cli]") {
  ProcessFacts process;
  process.name = "node";
  CHECK(command_text(process) == "node");
  process.command = {"/usr/bin/node", "vite", "--port", "1"};
  CHECK(command_text(process) == "node vite --port 1");
  process.command = {"nginx: master process /usr/sbin/nginx"};
  CHECK(command_text(process) == "nginx: master process /usr/sbin/nginx");
  process.command = {"/usr/sbin/php-fpm: master (/etc/php)"};
  CHECK(command_text(process) == "php-fpm: master (/etc/php)");
  CHECK(keeper_text({}).empty());
  CHECK(keeper_text({"a.service", false, "", ""}) == "a.service");
  CHECK(keeper_text({"a.service", true, "", ""}) == "user unit a.service");
  CHECK(keeper_text({"x.service", false, "abc", "docker"}) == "docker container abc");
  CHECK(keeper_text({"", false, "abc", ""}) == "container abc");
  using std::chrono::seconds;
  CHECK(age_text(seconds(-5)) == "0s");
  CHECK(age_text(seconds(59)) == "59s");
  CHECK(age_text(seconds(60)) == "1m");
  CHECK(age_text(seconds(3600 * 23)) == "23h");
  CHECK(age_text(seconds(86400 * 3)) == "3d");
  CHECK(short_path("/home/a", "/home/a") == "~");
  CHECK(short_path("/home/ab", "/home/a") == "/home/ab");
  CHECK(short_path("/home/a/b", "/home/a") == "~/b");
  CHECK(short_path("/b", "/") == "/b");
  CHECK(short_path("", "/home/a") == "-");
}

TEST_CASE("process words: whoever is in the way is named, with the way to end it", "[cli]") {
  PortOwner owner{std::nullopt, other_user, "127.0.0.1"};
  const std::chrono::system_clock::time_point now{};
  CHECK(whole_text(owner, "", now) == "a process of user id 4000000001");
  CHECK(way_to_stop(owner, 80) == "only root sees more of it: sudo ss -ltnp 'sport = :80'");
  owner.process = listener_of("127.0.0.1", 80, 812, "nginx", "/home/a/x", 0).process;
  CHECK(whole_text(owner, "/home/a", now) == "nginx serve (pid 812, in ~/x, for 2h)");
  CHECK(way_to_stop(owner, 80) == "stop it (kill 812)");
  ProcessKeeper& keeper = owner.process->keeper;
  keeper.unit = "nginx.service";
  CHECK(whole_text(owner, "/home/a", now) ==
        "nginx serve (pid 812, nginx.service, in ~/x, for 2h)");
  CHECK(way_to_stop(owner, 80) == "stop it (sudo systemctl stop nginx.service)");
  keeper.of_user = true;
  CHECK(way_to_stop(owner, 80) == "stop it (systemctl --user stop nginx.service)");
  keeper.container = "abc";
  keeper.engine = "podman";
  CHECK(way_to_stop(owner, 80) == "stop it (podman stop abc)");
  owner.process->name = "docker-proxy";
  CHECK_THAT(way_to_stop(owner, 80), ContainsSubstring("docker ps --filter publish=80"));
}

}  // namespace
}  // namespace devproxy
