#include <algorithm>

#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

std::vector<std::string> services_of(const Config& config) {
  std::vector<std::string> names;
  for (const Service& service : config.services) names.push_back(service.name);
  return names;
}

TEST_CASE("layers: the local file wins, tables merge, lists replace", "[config]") {
  const TempProject project;
  project.write("platform/devproxy.toml", R"(
name = "platform"
[services.auth]
host = ["auth.localhost", "login.localhost"]
port = 1000
[proxy]
log = "debug"
access_log = "full"
)");
  project.write("devproxy.toml", R"(
name = "shop"
include = ["platform/devproxy.toml"]
[services.web]
port = 2000
[proxy]
log = "warn"
)");
  project.write("devproxy.local.toml", R"(
[services.auth]
host = "auth.localhost"
[services.extra]
port = 3000
[proxy]
listen = "127.0.0.1:7000"
)");
  const Config config = project.config();
  CHECK(config.project == "shop");
  CHECK(services_of(config) == std::vector<std::string>{"auth", "web", "extra"});
  CHECK(config.proxy.log == LogSetting::warn);
  CHECK(config.proxy.access_log == AccessLogMode::full);
  CHECK(config.proxy.listen.size() == 1);
  const auto auth = std::find_if(config.routes.begin(), config.routes.end(),
                                 [](const auto& route) { return route.service == "auth"; });
  REQUIRE(auth != config.routes.end());
  CHECK(auth->hosts == std::vector<std::string>{"auth.localhost"});
  CHECK(auth->at.file == "platform/devproxy.toml");
}

TEST_CASE("layers: a new kind drops the old one and what belongs to it", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.api]
host = "shop.localhost"
path = "/api"
strip_prefix = true
command = "npm run dev"
dir = "."
env = { LOG_LEVEL = "debug" }
ready = { http = "/healthz" }
timeout = "5s"
)");
  CHECK(std::holds_alternative<CommandTarget>(project.config().services.at(0).target));

  project.write("devproxy.local.toml", "[services.api]\nport = 5005\n");
  const Config config = project.config();
  CHECK(std::get<PortTarget>(config.services.at(0).target).port == 5005);
  CHECK(config.routes.at(0).path == "/api");
  CHECK(config.routes.at(0).strip_prefix);
  CHECK(config.routes.at(0).timeout == Milliseconds(5000));

  // Nothing is forwarded to a redirect: what was said about that goes too.
  project.write("devproxy.local.toml", "[services.api]\nredirect = \"https://example.com\"\n");
  CHECK(std::holds_alternative<RedirectTarget>(project.config().services.at(0).target));
}

TEST_CASE("layers: another kind takes insecure and ca away, and leaves tls", "[config]") {
  const TempProject project;
  for (const char* name : {"certs/ca.pem", "certs/a.pem", "certs/a.key"}) project.write(name, "");
  project.write("certs/base.toml", R"(
[services.api]
url = "https://staging.example.com"
insecure = true
ca = "ca.pem"
tls = { cert = "a.pem", key = "a.key" }
)");
  project.write("devproxy.toml", "include = [\"certs/base.toml\"]\n");
  const Config base = project.config();
  const auto& staging = std::get<UrlTarget>(base.services.at(0).target);
  CHECK(staging.insecure);
  CHECK(staging.ca == project.path("certs/ca.pem"));
  CHECK(base.services.at(0).tls->cert == project.path("certs/a.pem"));

  const char* const kind = GENERATE("port = 5005", "url = \"http://127.0.0.1:5005\"",
                                    "url = \"https://other.example.com\"");
  project.write("devproxy.local.toml", "[services.api]\n" + std::string(kind) + "\n");
  const Config config = project.config();
  if (const auto* const url = std::get_if<UrlTarget>(&config.services.at(0).target)) {
    CHECK_FALSE(url->insecure);
    CHECK(url->ca.empty());
  }
  CHECK(config.services.at(0).tls->key == project.path("certs/a.key"));
}

TEST_CASE("layers: a file that cannot be read may hold the other half of tls", "[config]") {
  const TempProject project;
  project.write("a.key", "");
  project.write("devproxy.toml", "include = [\"gone.toml\"]\n[proxy]\ntls = { key = \"a.key\" }\n");
  CHECK_THAT(project.problems(), ContainsSubstring("cannot include gone.toml"));
  CHECK_THAT(project.problems(), !ContainsSubstring("no cert"));
}

TEST_CASE("layers: [[routes]] are added, the local ones first", "[config]") {
  const TempProject project;
  project.write("base.toml", "[[routes]]\nhost = \"a.localhost\"\nservice = \"web\"\n");
  project.write("devproxy.toml", R"(
include = ["base.toml"]
[services.web]
port = 1000
[[routes]]
host = "b.localhost"
service = "web"
)");
  project.write("devproxy.local.toml", "[[routes]]\nhost = \"c.localhost\"\nservice = \"web\"\n");
  const Config config = project.config();
  std::vector<std::string> hosts;
  for (const RouteRule& route : config.routes) hosts.push_back(route.hosts.at(0));
  CHECK(hosts == std::vector<std::string>{"c.localhost", "web.shop.localhost", "b.localhost",
                                          "a.localhost"});
}

TEST_CASE("layers: enabled = false removes a service and the routes that name it", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.web]
host = "shop.localhost"
port = 1000
[services.next]
host = "shop.localhost"
port = 2000
enabled = false
[[routes]]
host = "next.localhost"
service = "next"
)");
  Config config = project.config();
  CHECK(services_of(config) == std::vector<std::string>{"web"});
  CHECK(config.routes.size() == 1);

  project.write("devproxy.local.toml",
                "[services.web]\nenabled = false\n[services.next]\nenabled = true\n");
  config = project.config();
  CHECK(services_of(config) == std::vector<std::string>{"next"});
  CHECK(config.routes.size() == 2);
}

TEST_CASE("layers: includes nest, and each file counts once", "[config]") {
  const TempProject project;
  project.write("a/one.toml", "include = [\"../b/two.toml\"]\n[services.one]\nport = 1\n");
  project.write("b/two.toml",
                "[services.two]\nport = 2\n[[routes]]\nhost = \"t\"\nservice = \"two\"\n");
  project.write("devproxy.toml", "include = [\"a/one.toml\", \"b/two.toml\"]\n");
  const LoadOutcome outcome = project.load();
  REQUIRE(outcome.result);
  CHECK(services_of(*outcome.result) == std::vector<std::string>{"two", "one"});
  CHECK(outcome.result->routes.size() == 3);
  CHECK(outcome.files ==
        std::vector<std::string>{project.path("devproxy.toml"), project.path("a/one.toml"),
                                 project.path("b/two.toml"), project.path("devproxy.local.toml"),
                                 project.path(".env")});
}

TEST_CASE("layers: a circle of includes names its way", "[config]") {
  const TempProject project;
  project.write("a.toml", "include = [\"b.toml\"]\n");
  project.write("b.toml", "include = [\"a.toml\"]\n");
  project.write("devproxy.toml", "include = [\"a.toml\"]\n");
  CHECK(project.problems() ==
        R"(b.toml:1:12: include goes in a circle: a.toml -> b.toml -> a.toml
  1 | include = ["a.toml"]
    |            ^^^^^^^^
    = hint: take one of these includes out
)");
}

TEST_CASE("layers: every position knows its file", "[config]") {
  const TempProject project;
  project.write("../platform/devproxy.toml", "[services.auth]\nport = 0\n");
  project.write("devproxy.toml", R"(include = ["../platform/devproxy.toml"]
[services.web]
host = "shop.localhost"
port = 1000
)");
  project.write("devproxy.local.toml", R"([services.mine]
host = "shop.localhost"
port = 2000
)");
  CHECK(
      project.problems() ==
      R"(devproxy.toml:2:1: this route to "web" can never be told apart from the one to "mine" (devproxy.local.toml:1:1): both answer shop.localhost/
  2 | [services.web]
    | ^^^^^^^^^^^^^^
    = hint: give one of them another host, path, methods or headers
../platform/devproxy.toml:2:8: 0 is not a port
  2 | port = 0
    |        ^
    = hint: a port is a number from 1 to 65535
)");
}

TEST_CASE("layers: a file that is not TOML does not hide the mistakes of the others", "[config]") {
  const TempProject project;
  project.write("broken.toml", "[services.web\n");
  project.write("devproxy.toml", R"(include = ["broken.toml"]
[services.api]
prot = 4000
[[routes]]
host = "a.localhost"
service = "web"
)");
  project.write("devproxy.local.toml", "[services.web]\nhost = \"a b\"\n");
  CHECK(project.problems() ==
        R"(devproxy.toml:3:1: unknown key "prot" in [services.api]
  3 | prot = 4000
    | ^^^^
    = hint: did you mean "port"?
broken.toml:1:1: this header is not closed
  1 | [services.web
    | ^^^^^^^^^^^^^
    = hint: end it with ]
devproxy.local.toml:2:8: the host "a b" holds a letter outside ASCII, or a space
  2 | host = "a b"
    |        ^^^^^
    = hint: write the form that browsers send: "xn--…"
)");
}

TEST_CASE("layers: requires of any file is read before anything else", "[config]") {
  const TempProject project;
  project.write("platform.toml", "requires = \">=0.1, <0.2\"\nbad = 1\n");
  project.write("devproxy.toml", "requires = \">=0.1\"\ninclude = [\"platform.toml\"]\n");
  CHECK_THAT(project.problems(), ContainsSubstring("platform.toml:2:1: unknown key \"bad\""));

  project.write("devproxy.local.toml", "requires = \"> 7\"\n");
  CHECK(project.problems() ==
        R"(devproxy.local.toml:1:12: this file is for devproxy > 7, and this is devproxy 0.1.0
  1 | requires = "> 7"
    |            ^^^^^
    = hint: install a devproxy that fits, or change requires
)");
}

}  // namespace
}  // namespace devproxy
