#include <csignal>

#include "config/placeholders.h"
#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

const CommandTarget& command_of(const Config& config, std::string_view name) {
  for (const Service& service : config.services) {
    if (service.name == name) return std::get<CommandTarget>(service.target);
  }
  FAIL("no such service");
  throw;
}

TEST_CASE("command: the defaults", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "[services.api]\ncommand = \"npm run dev -- ${PORT} {port}\"\n");
  const Config config = project.config();
  const CommandTarget& api = command_of(config, "api");
  CHECK(api.shell);
  CHECK(api.words == std::vector<std::string>{"npm run dev -- ${PORT} {port}"});
  CHECK(api.dir == project.folder());
  CHECK(api.env.empty());
  CHECK(api.depends_on.empty());
  CHECK(api.ready == Readiness{});
  CHECK(api.restart == RestartPolicy::on_failure);
  CHECK(api.stop_signal == SIGTERM);
  CHECK(api.stop_timeout == Milliseconds(10'000));
  CHECK(api.adapter);
  CHECK(api.port == 0);
  CHECK(config.routes.at(0).hosts == std::vector<std::string>{"api.shop.localhost"});
}

TEST_CASE("command: every key", "[config]") {
  TempProject project;
  project.environment["MODE"] = "dev";
  project.write("backend/x", "");
  project.write("a.env", "A=file\nB=\"file {port}\"\n");
  project.write("b.env", "A=second\n");
  project.write("devproxy.toml", R"(
[services.db]
command = ["postgres", "-D", "${MODE}", "-p", "{port}"]
stop_signal = "int"
ready = { log = "ready to accept" }
restart = "always"
[services.api]
command = "x"
dir = "backend"
env_file = ["a.env", "b.env"]
env = { B = "own {services.db.port}", N = 5, Y = true }
depends_on = ["db", "web"]
ready = { http = "/healthz" }
restart = "never"
stop_timeout = "250ms"
adapter = "none"
[services.web]
port = 3000
[services.worker]
command = "y"
ready = { port = false }
)");
  const Config config = project.config();
  const CommandTarget& db = command_of(config, "db");
  CHECK_FALSE(db.shell);
  CHECK(db.words == std::vector<std::string>{"postgres", "-D", "dev", "-p", "{port}"});
  CHECK(db.stop_signal == SIGINT);
  CHECK(db.ready == Readiness{ReadyWhen::log, "ready to accept"});
  CHECK(db.restart == RestartPolicy::always);
  const CommandTarget& api = command_of(config, "api");
  CHECK(api.dir == project.path("backend"));
  const std::vector<std::pair<std::string, std::string>> expected{{"A", "second"},
                                                                  {"B", "file {port}"},
                                                                  {"B", "own {services.db.port}"},
                                                                  {"N", "5"},
                                                                  {"Y", "true"}};
  CHECK(api.env == expected);
  CHECK(api.depends_on == std::vector<std::string>{"db", "web"});
  CHECK(api.ready == Readiness{ReadyWhen::http, "/healthz"});
  CHECK(api.restart == RestartPolicy::never);
  CHECK(api.stop_timeout == Milliseconds(250));
  CHECK_FALSE(api.adapter);
  CHECK(command_of(config, "worker").ready.when == ReadyWhen::started);
  for (const RouteRule& route : config.routes) CHECK(route.service != "worker");
  const auto files = project.load().files;
  CHECK(std::find(files.begin(), files.end(), project.path("b.env")) != files.end());
}

TEST_CASE("command: paths belong to the file that names them", "[config]") {
  const TempProject project;
  project.write("platform/data/x", "");
  project.write(
      "platform/devproxy.toml",
      "[services.db]\ncommand = \"x\"\ndir = \"data\"\n[services.auth]\ncommand = \"x\"\n");
  project.write("devproxy.toml", "include = [\"platform/devproxy.toml\"]\n");
  const Config config = project.config();
  CHECK(command_of(config, "db").dir == project.path("platform/data"));
  CHECK(command_of(config, "auth").dir == project.path("platform"));
}

TEST_CASE("command: of two layers' ready the higher one is meant, env is added to", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.api]
command = "x"
ready = { http = "/" }
env = { A = "1", B = "1" }
)");
  project.write("devproxy.local.toml",
                "[services.api]\nready = { log = \"up\" }\nenv = { B = \"2\" }\n");
  const Config config = project.config();
  const CommandTarget& api = command_of(config, "api");
  CHECK(api.ready == Readiness{ReadyWhen::log, "up"});
  const std::vector<std::pair<std::string, std::string>> expected{{"A", "1"}, {"B", "2"}};
  CHECK(api.env == expected);
}

TEST_CASE("command: a dependency may be switched off, and may be somebody else's", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.db]
command = "x"
[services.api]
command = "x"
depends_on = ["db"]
)");
  project.write("devproxy.local.toml", "[services.db]\nport = 5432\n");
  CHECK(project.problems().empty());
  project.write("devproxy.local.toml", "[services.db]\nenabled = false\n");
  CHECK(project.problems().empty());
}

TEST_CASE("placeholders: only what is one is replaced", "[config]") {
  const auto fill = [](std::string_view text) {
    return fill_placeholders(text,
                             [](std::string_view name) { return "<" + std::string(name) + ">"; });
  };
  CHECK(fill("-p {port}{url}") == "-p <port><url>");
  CHECK(fill("{services.my-db.port}") == "<services.my-db.port>");
  CHECK(fill("{worktree} {project} {service}") == "<worktree> <project> <service>");
  for (const char* text : {"", "{", "}", "{}", "{ port }", "awk '{print $1}'", "${port}", "{a,b}",
                           "{services..port}", "{services.x.url}", "{\"port\":1}", "{Port}"}) {
    INFO(text);
    CHECK(fill(text) == text);
  }
  CHECK(fill("{a{port}}") == "{a<port>}");
  CHECK(service_of_placeholder("services.db.port") == "db");
  CHECK(service_of_placeholder("port").empty());
}

}  // namespace
}  // namespace devproxy
