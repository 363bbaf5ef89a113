#include "cli/init/findings.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("findings: the port that a command line says, or what its tool takes", "[cli]") {
  const Scripts scripts{{"dev", "vite --port 4444"}, {"loop", "npm run loop"}};
  const struct {
    const char* command;
    int port;  // 0: none
  } rows[] = {
      {"vite", 5173},
      {"vite build", 0},
      {"tsc && vite build", 0},
      {"vite --port 3333", 3333},
      {"vite --port=3333", 3333},
      {"PORT=3001 react-scripts start", 3001},
      {"cross-env PORT=3001 node server.js", 3001},
      {"next dev -p 3100", 3100},
      {"next dev", 3000},
      {"node_modules/.bin/vite", 5173},
      {"npx astro dev", 4321},
      {"ng serve", 4200},
      {"ng build", 0},
      {"python manage.py runserver 0.0.0.0:8001", 8001},
      {"python manage.py runserver", 8000},
      {"python -m http.server 9000", 9000},
      {"python -m http.server", 8000},
      {"gunicorn -b 127.0.0.1:9090 app", 9090},
      {"gunicorn --bind=:9091 app", 9091},
      {"bundle exec rails s", 3000},
      {"flask run --port 5005", 5005},
      {"npm run dev", 4444},
      {"yarn dev", 4444},
      {"npm run loop", 0},
      {"npm run nothing", 0},
      {"node server.js", 0},
      {"vite --port 99999", 5173},
      {"curl http://localhost:9999/", 0},
      {"", 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.command);
    const auto guess = guess_port(row.command, scripts);
    CHECK((guess ? guess->port : 0) == row.port);
    if (guess) CHECK_FALSE(guess->reason.empty());
  }
}

TEST_CASE("findings: a package's development script tells its port", "[cli]") {
  const auto package =
      read_package(R"({"name": "@acme/shop", "scripts": {"build": "vite build", "dev": "vite"}})",
                   "web", "package.json");
  REQUIRE(package.has_value());
  CHECK(package->name == "shop");
  REQUIRE(package->server.has_value());
  CHECK(package->server->name == "web");
  CHECK(package->server->port == 5173);
  CHECK(package->server->evidence == "package.json, \"dev\": \"vite\"");
}

TEST_CASE("findings: a script with a known port beats one without", "[cli]") {
  const auto package = read_package(
      R"({"scripts": {"dev": "node --watch server.js", "start": "PORT=4100 node server.js"}})",
      "web", "package.json");
  REQUIRE(package->server.has_value());
  CHECK(package->server->port == 4100);
  const auto unknown =
      read_package(R"({"scripts": {"dev": "node server.js"}})", "web", "package.json");
  REQUIRE(unknown->server.has_value());
  CHECK_FALSE(unknown->server->port.has_value());
  CHECK_FALSE(
      read_package(R"({"name": "lib", "scripts": {"test": "vitest"}})", "web", "package.json")
          ->server.has_value());
}

TEST_CASE("findings: what is no package is nothing", "[cli]") {
  CHECK_FALSE(read_package("{", "web", "package.json").has_value());
  CHECK_FALSE(read_package("[1]", "web", "package.json").has_value());
  CHECK_FALSE(read_package("", "web", "package.json").has_value());
  CHECK(read_package(R"({"name": 1, "scripts": [], "x": {}})", "web", "package.json").has_value());
  CHECK(read_package(R"({"scripts": {"dev": 1}})", "web", "package.json").has_value());
}

TEST_CASE("findings: a Procfile's processes have foreman's ports unless they say others", "[cli]") {
  const auto findings = read_procfile(
      "# comment\n"
      "web: bundle exec puma -C config/puma.rb\n"
      "worker: bundle exec sidekiq\r\n"
      "api: ./server --listen :$PORT\n"
      "client: yarn dev\n"
      "docs: mkdocs serve -a localhost:8123\n"
      "nonsense\n",
      "Procfile", {{"dev", "vite"}});
  REQUIRE(findings.size() == 5);
  CHECK(findings[0].name == "web");
  CHECK(findings[0].port == 5000);
  CHECK_FALSE(findings[1].port.has_value());
  CHECK(findings[2].port == 5200);
  CHECK(findings[3].port == 5173);
  CHECK(findings[4].port == 8123);
  CHECK(findings[4].evidence == "Procfile, docs: mkdocs serve -a localhost:8123");
}

TEST_CASE("findings: a compose file's published ports, in every form", "[cli]") {
  const auto findings = read_compose(R"(# a comment
name: shop
services:
  web:
    image: nginx  # not a port: "1:1"
    ports:
      - "8080:80"
  flow:
    ports: ["127.0.0.1:8081:80", '443:443']
  long:
    ports:
      - target: 3000
        published: "3001"
        protocol: tcp
  same-indent:
    ports:
    - 8082:8000/tcp
    environment:
    - "9999:9999"
  variable:
    ports:
      - "${WEB_PORT:-8083}:80"
  unknown:
    ports:
      - "${NOT_SET}:80"
  random:
    ports: ["80"]
  range:
    ports:
      - "3100-3105:3000-3005"
  db:
    ports:
      - "5432:5432"
  both:
    ports:
      - "6379:6379"
      - "8084:80"
  dns:
    ports:
      - "53:53/udp"
  silent:
    image: worker
volumes:
  data:
    ports:
      - "1:1"
)",
                                     "compose.yaml");
  const auto port_of = [&findings](const std::string& name) -> int {
    for (const Finding& finding : findings) {
      if (finding.name == name) return finding.port.value_or(std::uint16_t{0});
    }
    return -1;
  };
  CHECK(port_of("web") == 8080);
  CHECK(port_of("flow") == 8081);
  CHECK(port_of("long") == 3001);
  CHECK(port_of("same-indent") == 8082);
  CHECK(port_of("variable") == 8083);
  CHECK(port_of("unknown") == 0);
  CHECK(port_of("random") == 0);
  CHECK(port_of("range") == 3100);
  CHECK(port_of("db") == 0);
  CHECK(port_of("both") == 8084);
  CHECK(port_of("dns") == -1);
  CHECK(port_of("silent") == -1);
  CHECK(port_of("data") == -1);
  CHECK(findings.size() == 10);
}

TEST_CASE("findings: broken compose files do no harm", "[cli]") {
  const char* texts[] = {"",
                         "services:",
                         "services:\n  web:\n    ports: [",
                         "services:\n  web:\n    ports:\n      -\n",
                         "services:\n  :\n    ports:\n      - \"1:2\"\n",
                         "services:\n  a:\n    ports: []\n  \"b\n",
                         "services:\n  a:\n    ports:\n      - \"${\"\n      - target: x\n"};
  for (const char* text : texts) {
    CAPTURE(text);
    for (const Finding& finding : read_compose(text, "compose.yaml"))
      CHECK_FALSE(finding.name.empty());
  }
}

TEST_CASE("findings: names become DNS labels", "[cli]") {
  CHECK(dns_label("My Shop_2", "x") == "my-shop-2");
  CHECK(dns_label("--a--", "x") == "a");
  CHECK(dns_label("\xc3\xa4", "x") == "x");
  CHECK(dns_label("", "x") == "x");
  CHECK(dns_label(std::string(100, 'a'), "x").size() == 63);
}

}  // namespace
}  // namespace devproxy
