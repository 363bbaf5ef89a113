#include "cli/ports/port_report.h"
#include "cli/project/url_table.h"
#include "cli/running/running_proxy.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

FollowTarget followed(std::optional<std::uint16_t> found) {
  FollowTarget target;
  target.dir = "/shop/admin";
  target.text = "dir = \"admin\"";
  target.found = found;
  return target;
}

TEST_CASE("followed: the table shows where it is, or that nothing matches", "[cli]") {
  CHECK(target_text(followed(std::nullopt)) == "follow dir = \"admin\"");
  CHECK(target_text(followed(0)) == "follow dir = \"admin\": nothing matches");
  CHECK(target_text(followed(5173)) == ":5173 follow dir = \"admin\"");
  CommandTarget command;
  command.words = {"vite"};
  command.port = 23711;
  CHECK(target_text(command) == ":23711 vite");
  command.listens_on = 5173;
  CHECK(target_text(command) == ":5173 vite");
}

TEST_CASE("followed: its TCP port is told with where it is", "[cli]") {
  Config config;
  config.services.push_back({"db", followed(5433), std::nullopt, {}});
  config.tcp.push_back({5432, "db", Milliseconds(10'000), {}});
  REQUIRE(tcp_rows(config).size() == 1);
  CHECK(tcp_rows(config).front().target == ":5433 follow dir = \"admin\"");
}

TEST_CASE("followed: the port where it is belongs to it", "[cli]") {
  Config config;
  config.services.push_back({"admin", followed(5173), std::nullopt, {}});
  config.services.push_back({"other", followed(0), std::nullopt, {}});
  const auto ports = expected_ports(config);
  REQUIRE(ports.size() == 1);
  CHECK(ports.front().port == 5173);
  CHECK(ports.front().service == "admin");
  CHECK(ports.front().either_loopback);
}

TEST_CASE("followed: a running proxy says where they are", "[cli]") {
  RunningProxy proxy;
  proxy.services.push_back({"web", "ready", true, false, "", 23711, 5173, 12, ""});
  proxy.followed.push_back({"admin", 4000, 13, "node (pid 13)", ""});
  proxy.followed.push_back({"jobs", 0, 0, "", "no process"});
  const auto read = read_running_proxy(to_json(proxy));
  REQUIRE(read.has_value());
  CHECK(find_running(*read, "web")->listens_on == 5173);
  CHECK(find_followed(*read, "admin")->port == 4000);
  CHECK(find_followed(*read, "admin")->owner == "node (pid 13)");
  CHECK(find_followed(*read, "jobs")->why_not == "no process");
  CHECK(find_followed(*read, "web") == nullptr);
}

}  // namespace
}  // namespace devproxy
