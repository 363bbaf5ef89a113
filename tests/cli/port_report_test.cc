#include "cli/ports/port_report.h"

#include <unistd.h>

#include "base/json.h"
#include "cli/ports/ports_form.h"
#include "tests/cli/configs.h"
#include "tests/cli/held_sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Service service(std::string name, Target target) {
  Service made;
  made.name = std::move(name);
  made.target = std::move(target);
  made.at = {"devproxy.toml", 3, 8};
  return made;
}

UrlTarget url_target(std::string host, std::uint16_t port) {
  UrlTarget target;
  target.host = std::move(host);
  target.port = port;
  return target;
}

Config reported_shop() {
  Config config;
  config.project = "shop";
  config.root = "/srv/shop";
  config.file = "/srv/shop/devproxy.toml";
  config.services = {service("web", PortTarget{5173}),
                     service("api", url_target("127.0.0.1", 8000)),
                     service("search", url_target("staging.example.com", 443)),
                     service("old", RedirectTarget{"https://shop.localhost"})};
  config.proxy.listen = {address("127.0.0.1", 6289), address("::1", 6289)};
  return config;
}

HeldSocket own(const char* ip, std::uint16_t port, pid_t pid, const char* name,
               const char* folder = "/srv/shop/web") {
  return listener_of(ip, port, pid, name, folder, geteuid());
}

std::vector<std::string> codes(const PortReport& report) {
  std::vector<std::string> list;
  for (const PortConflict& conflict : report.conflicts) list.push_back(conflict.code);
  return list;
}
using Codes = std::vector<std::string>;

TEST_CASE("ports: rows know service and proxy of the file, in the order of ports", "[cli]") {
  const Config config = reported_shop();
  const PortReport report =
      port_report({own("::1", 6289, 7, "devproxy"), own("127.0.0.1", 8000, 3, "python3"),
                   own("::", 5173, 2, "node"), own("127.0.0.1", 6289, 7, "devproxy"),
                   own("0.0.0.0", 3000, 9, "node")},
                  &config, usual_kernel());
  REQUIRE(report.rows.size() == 5);
  CHECK(report.rows[0].address() == "0.0.0.0:3000");
  CHECK(report.rows[0].service.empty());
  CHECK_FALSE(report.rows[0].is_loopback());
  CHECK(report.rows[1].address() == "[::]:5173");
  CHECK(report.rows[1].service == "web");
  CHECK(report.rows[2].address() == "127.0.0.1:6289");
  CHECK(report.rows[2].of_proxy);
  CHECK(report.rows[2].is_loopback());
  CHECK(report.rows[3].address() == "[::1]:6289");
  CHECK(report.rows[3].of_proxy);
  CHECK(report.rows[4].service == "api");
  CHECK(report.conflicts.empty());
}

TEST_CASE("ports: a listener that the service's address does not reach is not its own", "[cli]") {
  const Config config = reported_shop();
  const PortReport report = port_report(
      {own("127.0.0.2", 5173, 2, "node"), own("::1", 8000, 3, "python3")}, &config, usual_kernel());
  CHECK(report.rows[0].service.empty());
  CHECK(report.rows[1].service.empty());
}

TEST_CASE("ports: what other projects run has their names, what the file has keeps its own",
          "[cli]") {
  const Config config = reported_shop();
  PortReport report =
      port_report({own("127.0.0.1", 5173, 2, "node"), own("127.0.0.1", 4100, 5, "node"),
                   own("127.0.0.1", 443, 7, "devproxy"), own("127.0.0.1", 444, 8, "nginx")},
                  &config, usual_kernel());
  name_rows(report.rows, {{5173, "blog", "other", 0},
                          {4100, "blog", "web", 0},
                          {443, "", "", 7},
                          {444, "blog", "", 7}});
  std::vector<std::string> owners;
  for (const PortRow& row : report.rows) owners.push_back(belongs_text(row));
  CHECK(owners ==
        std::vector<std::string>{"the proxy of all projects", "", "web of blog", "web of shop"});
}

TEST_CASE("ports: without a file there are rows and no conflicts", "[cli]") {
  const PortReport report =
      port_report({own("127.0.0.1", 6289, 2, "nginx")}, nullptr, usual_kernel());
  CHECK(report.rows.size() == 1);
  CHECK(report.expected.empty());
  CHECK(report.conflicts.empty());
}

TEST_CASE("ports: what is in the way of the proxy is a conflict, the proxy itself is none",
          "[cli]") {
  const Config config = reported_shop();
  const PortReport report =
      port_report({own("0.0.0.0", 6289, 812, "nginx")}, &config, usual_kernel());
  REQUIRE(codes(report) == Codes{"taken"});
  CHECK(report.conflicts[0].message ==
        "127.0.0.1:6289, where the proxy of shop listens, is taken by nginx (pid 812)");
  CHECK_THAT(report.conflicts[0].hint, ContainsSubstring("kill 812"));
}

TEST_CASE("ports: two servers on one port are a conflict, one server on both is none", "[cli]") {
  const Config config = reported_shop();
  const PortReport two = port_report(
      {own("127.0.0.1", 5173, 2, "node"), own("::1", 5173, 3, "python3")}, &config, usual_kernel());
  REQUIRE(codes(two) == Codes{"two_owners"});
  CHECK(two.conflicts[0].message ==
        "port 5173 of web has two servers: 127.0.0.1:5173 is node (pid 2), [::1]:5173 is python3 "
        "(pid 3)");
  const PortReport one = port_report(
      {own("127.0.0.1", 5173, 2, "node"), own("::1", 5173, 2, "node")}, &config, usual_kernel());
  CHECK(one.conflicts.empty());
}

TEST_CASE("ports: a server of another user, or of another project, is a conflict", "[cli]") {
  const Config config = reported_shop();
  const uid_t other = geteuid() + 1;
  const PortReport hidden =
      port_report({listener_at("127.0.0.1", 5173, other)}, &config, usual_kernel());
  REQUIRE(codes(hidden) == Codes{"other_user"});
  CHECK_THAT(hidden.conflicts[0].message,
             ContainsSubstring("another user (uid " + std::to_string(other) + ")"));
  const PortReport seen =
      port_report({listener_of("127.0.0.1", 5173, 2, "node", "/", other)}, &config, usual_kernel());
  CHECK(codes(seen) == Codes{"other_user"});

  const PortReport elsewhere =
      port_report({own("127.0.0.1", 5173, 2, "node", "/srv/shop-old")}, &config, usual_kernel());
  REQUIRE(codes(elsewhere) == Codes{"elsewhere"});
  CHECK_THAT(elsewhere.conflicts[0].message, ContainsSubstring("in /srv/shop-old"));
  for (const char* folder : {"/srv/shop", "/srv/shop/web/src", "/srv", "/", ""}) {
    CAPTURE(folder);
    CHECK(port_report({own("127.0.0.1", 5173, 2, "node", folder)}, &config, usual_kernel())
              .conflicts.empty());
  }
  // A unit or a container runs where it runs.
  HeldSocket unit = own("127.0.0.1", 5173, 2, "node", "/var/lib/web");
  unit.process->keeper.unit = "web.service";
  CHECK(port_report({unit}, &config, usual_kernel()).conflicts.empty());
}

TEST_CASE("ports: a port of the file in the ephemeral range, or refused by browsers", "[cli]") {
  Config config = reported_shop();
  config.services = {service("web", PortTarget{40000})};
  config.proxy.listen = {address("127.0.0.1", 6000)};
  const PortReport report = port_report({}, &config, usual_kernel());
  CHECK(codes(report) == Codes{"ephemeral", "refused_by_browsers"});
  KernelPorts reserved = usual_kernel();
  reserved.reserved = {{40000, 40000}};
  CHECK(codes(port_report({}, &config, reserved)) == Codes{"refused_by_browsers"});
}

TEST_CASE("ports: one port is what remains of the report, twins are one row", "[cli]") {
  const Config config = reported_shop();
  PortReport report =
      port_report({own("127.0.0.1", 5173, 2, "node"), own("127.0.0.1", 5173, 2, "node"),
                   own("127.0.0.1", 5173, 4, "node"), own("127.0.0.1", 6289, 5, "nginx")},
                  &config, usual_kernel());
  fold_twins(report.rows);
  CHECK(report.rows.size() == 3);
  const PortReport one = only_port(report, 5173);
  CHECK(one.rows.size() == 2);
  REQUIRE(one.expected.size() == 1);
  CHECK(expected_by_text(one.expected[0], one.project) == "web of shop");
  CHECK(one.conflicts.empty());
  CHECK(only_port(report, 6289).expected.size() == 2);
}

TEST_CASE("ports: the JSON form has the same, another user's process is null", "[cli]") {
  const Config config = reported_shop();
  HeldSocket unit = own("0.0.0.0", 5173, 2, "node\xff");
  unit.process->keeper = {"web.service", true, "", ""};
  const PortReport report =
      port_report({unit, listener_at("::1", 40000, 33)}, &config, usual_kernel());
  const std::string text = ports_form(report, std::nullopt);
  CHECK(text.starts_with("{\"schema\":\"devproxy.ports/v1\""));
  CHECK(text.find('\n') == std::string::npos);
  const Json json = parse_json(text);
  CHECK(json["project"] == "shop");
  CHECK(json["asked"].is_null());
  CHECK(json["ephemeral"]["first"] == 32768);
  const Json& web = json["listeners"][0];
  CHECK(web["address"] == "0.0.0.0");
  CHECK(web["exposed"] == true);
  CHECK(web["class"] == "registered");
  CHECK(web["service"] == "web");
  CHECK(web["project"] == "shop");
  CHECK(web["process"]["pid"] == 2);
  CHECK(web["process"]["unit"] == "web.service");
  CHECK(web["process"]["started"] == "1969-12-31T22:00:00Z");
  const Json& other = json["listeners"][1];
  CHECK(other["ephemeral"] == true);
  CHECK(other["uid"] == 33);
  CHECK(other["process"].is_null());
  CHECK(other["service"].is_null());

  const Json asked = parse_json(ports_form(only_port(report, 62893), 62893));
  CHECK(asked["asked"]["class"] == "dynamic");
  CHECK(asked["asked"]["listening"] == false);
  CHECK(asked["listeners"].empty());
  const Json event = parse_json(port_event(report.rows[0], report, false, {}));
  CHECK(event["event"] == "port_closed");
  CHECK(event["listener"]["port"] == 5173);
}

}  // namespace
}  // namespace devproxy
