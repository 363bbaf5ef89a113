#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

TEST_CASE("follow: every key, and what people read of it", "[config]") {
  TempProject project;
  project.environment["WHO"] = "uvicorn";
  project.write("admin/x", "");
  project.write("devproxy.toml", R"(
[services.admin]
follow = { dir = "admin", command = "${WHO}*" }
listen = 5432
[services.jobs]
follow = { pid_file = "run/jobs.pid", port = 4000 }
[services.db]
follow = { container = "shop-db-1", port = 5432 }
)");
  const Config config = project.config();
  const auto& admin = std::get<FollowTarget>(config.services.at(0).target);
  CHECK(admin.dir == project.folder() + "/admin");
  CHECK(admin.command == "uvicorn*");
  CHECK(admin.text == R"(dir = "admin", command = "uvicorn*")");
  CHECK_FALSE(admin.found.has_value());
  CHECK(config.tcp.at(0).service == "admin");
  const auto& jobs = std::get<FollowTarget>(config.services.at(1).target);
  CHECK(jobs.pid_file == project.folder() + "/run/jobs.pid");
  CHECK(jobs.port == 4000);
  const auto& db = std::get<FollowTarget>(config.services.at(2).target);
  CHECK(db.container == "shop-db-1");
  CHECK(db.text == R"(container = "shop-db-1", port = 5432)");
  CHECK(config.routes.at(1).hosts == std::vector<std::string>{"db.shop.localhost"});
}

TEST_CASE("follow: my own file takes the place of the team's command", "[config]") {
  const TempProject project;
  project.write("devproxy.toml",
                "[services.api]\ncommand = \"npm run dev\"\nrestart = \"never\"\n");
  project.write("devproxy.local.toml", "[services.api]\nfollow = { command = \"node*\" }\n");
  const Config config = project.config();
  CHECK(std::get<FollowTarget>(config.services.at(0).target).command == "node*");
}

}  // namespace
}  // namespace devproxy
