#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

TEST_CASE("tcp: a service that only listens has no route", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"([services.db]
port = 54321
listen = 5432
hold = "2s"
[services.web]
port = 3000
[services.both]
url = "unix:/run/both.sock"
host = "both.localhost"
listen = "${WORD:-5433}"
)");
  const Config config = project.config();
  CHECK(config.services.size() == 3);
  REQUIRE(config.routes.size() == 2);
  CHECK(config.routes[0].service == "web");
  CHECK(config.routes[1].service == "both");
  REQUIRE(config.tcp.size() == 2);
  CHECK(config.tcp[0].port == 5432);
  CHECK(config.tcp[0].service == "db");
  CHECK(config.tcp[0].hold == Milliseconds(2000));
  CHECK(config.tcp[0].at.line == 3);
  CHECK(config.tcp[1].port == 5433);
  CHECK(config.tcp[1].service == "both");
  CHECK(config.tcp[1].hold == Milliseconds(10'000));
}

TEST_CASE("tcp: a route of its own brings requests to a service that listens", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"([services.db]
url = "http://db.internal:8123"
listen = 9000
[[routes]]
host = "db.localhost"
service = "db"
)");
  const Config config = project.config();
  REQUIRE(config.routes.size() == 1);
  CHECK(config.routes[0].hosts == std::vector<std::string>{"db.localhost"});
  CHECK(config.tcp.size() == 1);
}

TEST_CASE("tcp: the port stays when another layer says where the service is", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "[services.db]\nport = 54321\nlisten = 5432\n");
  project.write("devproxy.local.toml", "[services.db]\nurl = \"http://db.internal:5432\"\n");
  CHECK(project.config().tcp.size() == 1);
  project.write("devproxy.local.toml", "[services.db]\nredirect = \"http://db.internal\"\n");
  CHECK(project.config().tcp.empty());
  project.write("devproxy.local.toml", "[services.db]\nenabled = false\n");
  const Config config = project.config();
  CHECK(config.tcp.empty());
  CHECK(config.services.empty());
}

TEST_CASE("tcp: services may be chained by their ports", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"([services.db]
port = 54321
listen = 5432
[services.old-db]
port = 5432
listen = 5431
[services.admin]
port = 5431
)");
  CHECK(project.problems().empty());
}

}  // namespace
}  // namespace devproxy
