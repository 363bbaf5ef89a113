#include "base/json.h"
#include "cli/init/init_file.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Finished init_in(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), DEVPROXY_BINARY);
  return run(Command{std::move(arguments), folder.path(), {}, {}});
}

/// The routes of the file that init wrote: "host -> target".
std::vector<std::string> routes_in(const TempDir& folder) {
  const Finished routes = init_in(folder, {"routes", "--json"});
  REQUIRE(routes.exit.code == 0);
  std::vector<std::string> lines;
  const auto json = parse_json(routes.output);
  for (const auto& route : json["routes"]) {
    lines.push_back(route["host"].get<std::string>() + " -> " + route["target"].get<std::string>());
  }
  return lines;
}

TEST_CASE("init: a Vite project gets its name and command", "[cli]") {
  const TempDir folder;
  folder.write("package.json", R"({"name": "shop", "scripts": {"dev": "vite"}})");
  const Finished done = init_in(folder, {"init"});
  CHECK(done.exit.code == 0);
  CHECK(done.errors.empty());
  CHECK_THAT(done.output, ContainsSubstring("https://shop.localhost:6289 -> web: npm run dev"));
  CHECK(routes_in(folder) == std::vector<std::string>{"shop.localhost -> npm run dev"});
  const std::string text = folder.read("devproxy.toml");
  CHECK_THAT(text, ContainsSubstring("# package.json, \"dev\": \"vite\""));
  CHECK_THAT(text, ContainsSubstring("you start it yourself? then, instead: port = 5173"));
}

TEST_CASE("init: the package manager is the one whose lock file is there", "[cli]") {
  const auto [lock, command] =
      GENERATE(table<std::string, std::string>({{"pnpm-lock.yaml", "pnpm run dev"},
                                                {"yarn.lock", "yarn run dev"},
                                                {"bun.lock", "bun run dev"}}));
  const TempDir folder;
  folder.write("package.json", R"({"name": "shop", "scripts": {"dev": "vite"}})");
  folder.write(lock, "");
  REQUIRE(init_in(folder, {"init"}).exit.code == 0);
  CHECK(routes_in(folder) == std::vector<std::string>{"shop.localhost -> " + command});
}

TEST_CASE("init: where nothing tells more, what such projects are usually started with", "[cli]") {
  const auto [file, text, command] = GENERATE(table<std::string, std::string, std::string>(
      {{"manage.py", "import django", "python3 manage.py runserver"},
       {"pyproject.toml", "dependencies = [\"FastAPI\"]", "fastapi dev"},
       {"requirements.txt", "flask==3", "flask run"}}));
  const TempDir folder;
  folder.write(file, text);
  REQUIRE(init_in(folder, {"init"}).exit.code == 0);
  CHECK_THAT(folder.read("devproxy.toml"), ContainsSubstring("command = \"" + command + "\""));
  CHECK(init_in(folder, {"check"}).exit.code == 0);
}

TEST_CASE("init: names the schema only where it is", "[cli]") {
  const TempDir folder;
  CHECK(init_in(folder, {"init", "--dry-run"}).output.find("#:schema") == std::string::npos);
  folder.write("devproxy.schema.json", init_in(folder, {"schema"}).output);
  CHECK(init_in(folder, {"init"}).exit.code == 0);
  CHECK(folder.read("devproxy.toml").starts_with("#:schema ./devproxy.schema.json\n"));
  CHECK(init_in(folder, {"check"}).output.find("no problem found") != std::string::npos);
}

TEST_CASE("init: compose, Procfile and packages together, every name and port once", "[cli]") {
  const TempDir folder;
  folder.write("package.json", R"({"name": "shop", "scripts": {"dev": "turbo dev"}})");
  folder.write("compose.yaml",
               "services:\n  mail:\n    ports: ['8025:8025']\n  db:\n    ports: ['5432:5432']\n");
  folder.write("Procfile", "web: bundle exec puma\nworker: sidekiq\n");
  folder.write("apps/admin/package.json", R"({"scripts": {"dev": "next dev"}})");
  folder.write("apps/docs/package.json", R"({"scripts": {"dev": "next dev"}})");
  folder.write("apps/lib/package.json", R"({"scripts": {"build": "tsc"}})");
  folder.write("api/package.json", R"({"scripts": {"start": "PORT=4000 node ."}})");
  folder.write("node_modules/evil/package.json", R"({"scripts": {"dev": "vite --port 1"}})");
  REQUIRE(init_in(folder, {"init"}).exit.code == 0);
  CHECK(routes_in(folder) == std::vector<std::string>{"shop.localhost -> bundle exec puma",
                                                      "mail.shop.localhost -> :8025",
                                                      "api.shop.localhost -> npm run start",
                                                      "admin.shop.localhost -> npm run dev",
                                                      "docs.shop.localhost -> npm run dev"});
  const std::string text = folder.read("devproxy.toml");
  CHECK_THAT(text, ContainsSubstring("dir = \"apps/docs\""));
  CHECK_THAT(text, ContainsSubstring("# compose.yaml, service db, ports 5432:5432"));
  CHECK(text.find("[services.db]") == std::string::npos);
  CHECK_THAT(text, ContainsSubstring(
                       "[services.worker]\ncommand = \"sidekiq\"\nready = { port = false }"));
}

TEST_CASE("init: an empty folder gets a file that says what to write", "[cli]") {
  const TempDir folder;
  const Finished done = init_in(folder, {"init"});
  CHECK(done.exit.code == 0);
  CHECK(init_in(folder, {"check"}).exit.code == 0);
  CHECK_THAT(folder.read("devproxy.toml"), ContainsSubstring("# [services.web]"));
}

TEST_CASE("init: what it comments out is valid when the marks are taken away", "[cli]") {
  const TempDir folder;
  folder.write("package.json", R"({"name": "shop", "scripts": {"dev": "node server.js"}})");
  REQUIRE(init_in(folder, {"init"}).exit.code == 0);
  std::string text;
  const std::string written = folder.read("devproxy.toml");
  for (std::size_t begin = 0; begin < written.size();) {
    const std::size_t end = written.find('\n', begin);
    std::string line = written.substr(begin, end - begin);
    const bool setting = line.starts_with("# [") ||
                         (line.starts_with("# ") && line.find(" = ") != std::string::npos);
    text += (setting ? line.substr(2) : line) + "\n";
    begin = end + 1;
  }
  folder.replace("devproxy.toml", text);
  CHECK(routes_in(folder) ==
        std::vector<std::string>{"shop.localhost -> npm run dev", "shop.localhost -> :4000"});
}

TEST_CASE("init: never over an existing file", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", "name = \"mine\"\n");
  folder.write("package.json", R"({"scripts": {"dev": "vite"}})");
  const Finished done = init_in(folder, {"init"});
  CHECK(done.exit.code == 1);
  CHECK_THAT(done.errors, ContainsSubstring("devproxy: error: devproxy.toml is here already"));
  CHECK_THAT(done.errors, ContainsSubstring("hint: devproxy init --dry-run"));
  CHECK(folder.read("devproxy.toml") == "name = \"mine\"\n");
  CHECK(init_in(folder, {"init", "--dry-run"}).exit.code == 0);
  CHECK(folder.read("devproxy.toml") == "name = \"mine\"\n");
}

TEST_CASE("init: --dry-run prints the file and writes nothing", "[cli]") {
  const TempDir folder;
  folder.write("package.json", R"({"name": "shop", "scripts": {"dev": "vite"}})");
  const Finished dry = init_in(folder, {"init", "--dry-run"});
  CHECK(init_in(folder, {"check"}).exit.code == 2);
  REQUIRE(init_in(folder, {"init"}).exit.code == 0);
  CHECK(dry.output == folder.read("devproxy.toml"));
}

TEST_CASE("init: --json tells what was found and why", "[cli]") {
  const TempDir folder;
  folder.write("package.json", R"({"name": "shop", "scripts": {"dev": "vite"}})");
  const auto json = parse_json(init_in(folder, {"init", "--json", "--dry-run"}).output);
  CHECK(json["schema"] == "devproxy.init/v1");
  CHECK(json["written"] == false);
  CHECK(json["services"][0]["port"] == 5173);
  CHECK(json["services"][0]["host"] == "shop.localhost");
}

TEST_CASE("init: text from files cannot break out of its comment", "[cli]") {
  const TempDir folder;
  folder.write("package.json",
               "{\"name\": \"a\\nb\", \"scripts\": {\"dev\": \"vite\\n[services.evil]\\nport = 1 "
               "\\u001b\"}}");
  REQUIRE(init_in(folder, {"init"}).exit.code == 0);
  CHECK(routes_in(folder) == std::vector<std::string>{"a-b.localhost -> npm run dev"});
}

}  // namespace
}  // namespace devproxy
