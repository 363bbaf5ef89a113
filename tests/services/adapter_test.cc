#include "services/adapter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "services/frameworks.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

const std::map<std::string, std::string, std::less<>> scripts{
    {"dev", "vite"},
    {"start", "next start"},
    {"all", "tsc -b && NODE_ENV=x vite --open"},
    {"fixed", "vite --port 3000"},
    {"outer", "npm run dev"},
    {"round", "npm run round"},
    {"both", "concurrently \"vite\" \"tsc -w\""},
    {"piped", "vite | tee log"},
    {"build", "vite build"},
    {"with:colon", "astro dev"}};

std::string added(const std::string& line, bool shell = true) {
  CommandTarget command;
  command.shell = shell;
  command.words = {line};
  const auto found = adapt(command, [](const std::string&, std::string_view name) {
    const auto script = scripts.find(name);
    return script == scripts.end() ? std::nullopt : std::optional(script->second);
  });
  if (!found) return "nothing";
  if (!found->why_not.empty()) return found->framework + ": " + found->why_not;
  return fmt::format("{}: {}", found->framework, fmt::join(found->words, " "));
}

TEST_CASE("adapter: which command gets which flags", "[services]") {
  const std::string vite = "Vite: --port {port} --strictPort --host 127.0.0.1";
  const std::string npm_vite = "Vite: -- --port {port} --strictPort --host 127.0.0.1";
  const std::string uvicorn = "uvicorn: --port {port} --host 127.0.0.1";
  const std::string django = "Django: 127.0.0.1:{port}";
  struct Row {
    const char* line;
    std::string expected;
  };
  const Row rows[] = {
      {"vite", vite},
      {"  vite dev --open ", vite},
      {"npx vite", vite},
      {"npx -y vite", vite},
      {"pnpm exec vite preview", vite},
      {"./node_modules/.bin/vite", vite},
      {"cd web && vite", vite},
      {"A=1 B='x y' vite", vite},
      {"cross-env NODE_ENV=dev vite", vite},
      {"exec vite", vite},
      {"vite build", "nothing"},
      {"vite --port 3000", "Vite: the command has --port already"},
      {"vite --port=3000", "Vite: the command has --port=3000 already"},
      {"vite --port {port}", "nothing"},
      {"vite --port $PORT", "nothing"},
      {"vite --port \"${PORT}\"", "nothing"},
      {"vite &", "nothing"},
      {"vite; echo", "nothing"},
      {"echo vite", "nothing"},
      {"", "nothing"},
      {"npm run dev", npm_vite},
      {"npm run dev -- --open", vite},
      {"npm run-script dev", npm_vite},
      {"npm run all", npm_vite},
      {"npm run outer", "Vite: -- -- --port {port} --strictPort --host 127.0.0.1"},
      {"npm start", "Next: -- -p {port} -H 127.0.0.1"},
      {"npm dev", "nothing"},
      {"pnpm dev", vite},
      {"pnpm run dev", vite},
      {"yarn dev", vite},
      {"yarn with:colon", "Astro: --port {port} --host 127.0.0.1"},
      {"bun run dev", vite},
      {"npm run fixed", "Vite: the command has --port already"},
      {"npm run dev -- --port 1", "Vite: the command has --port already"},
      {"npm run round", "nothing"},
      {"npm run both", "nothing"},
      {"npm run piped", "nothing"},
      {"npm run build", "nothing"},
      {"npm run nowhere", "nothing"},
      {"npm --prefix web run dev", "nothing"},
      {"next dev --turbo", "Next: -p {port} -H 127.0.0.1"},
      {"next build", "nothing"},
      {"next dev -p 4000", "Next: the command has -p already"},
      {"next dev -p4000", "Next: the command has -p4000 already"},
      {"ng serve", "Angular: --port {port} --host 127.0.0.1"},
      {"bin/rails s", "Rails: -p {port} -b 127.0.0.1"},
      {"bundle exec rails server", "Rails: -p {port} -b 127.0.0.1"},
      {"rails console", "nothing"},
      {"uvicorn app:app --reload", uvicorn},
      {"python -m uvicorn app:app", uvicorn},
      {"poetry run uvicorn app:app", uvicorn},
      {"uv run uvicorn app:app", uvicorn},
      {"uvicorn app:app --uds x.sock", "uvicorn: the command has --uds already"},
      {"python manage.py runserver", django},
      {"./manage.py runserver --noreload", django},
      {"python3 manage.py runserver 8000", "Django: the command has 8000 already"},
      {"python3 manage.py runserver 0.0.0.0:8000", "Django: the command has 0.0.0.0:8000 already"},
      {"python manage.py migrate", "nothing"},
      {"python3 -m http.server", "http.server: {port} --bind 127.0.0.1"},
      {"python3 -u -m http.server", "http.server: {port} --bind 127.0.0.1"},
      {"python3 -m http.server 8000", "http.server: the command has 8000 already"},
      {"python3 server.py", "nothing"},
      {"php artisan serve", "Laravel: --port {port} --host 127.0.0.1"},
      {"flask --app x run", "Flask: --port {port} --host 127.0.0.1"},
      {"flask --app x shell", "nothing"},
      {"flask run", "Flask: --port {port} --host 127.0.0.1"},
      {"node server.js", "nothing"},
  };
  for (const Row& row : rows) {
    INFO(row.line);
    CHECK(added(row.line) == row.expected);
  }
}

TEST_CASE("adapter: a list gets the same flags, and is read as it stands", "[services]") {
  CommandTarget command;
  command.words = {"npx", "vite", "my app"};
  const auto none = [](const std::string&, std::string_view) { return std::nullopt; };
  CHECK_FALSE(adapt(command, none));
  command.words = {"npx", "vite", "--open"};
  REQUIRE(adapt(command, none));
  CHECK(adapt(command, none)->words.front() == "--port");
  command.adapter = false;
  CHECK_FALSE(adapt(command, none));
}

TEST_CASE("adapter: scripts are read from the package.json of the folder", "[services]") {
  const TempDir folder;
  CHECK_FALSE(script_of_package(folder.path(), "dev"));
  folder.write("package.json", R"({"name": "x", "scripts": {"dev": "vite", "odd": 5}})");
  CHECK(script_of_package(folder.path(), "dev") == "vite");
  CHECK_FALSE(script_of_package(folder.path(), "odd"));
  CHECK_FALSE(script_of_package(folder.path(), "build"));
  folder.write("package.json", "{\"scripts\": [");
  CHECK_FALSE(script_of_package(folder.path(), "dev"));
}

TEST_CASE("adapter: every row of the table names a port and can be switched off", "[services]") {
  std::set<std::string> seen;
  std::ifstream stream(std::string(DEVPROXY_SOURCE_DIR) + "/docs/services.md");
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  for (const Framework& framework : frameworks()) {
    INFO(framework.program);
    CHECK(framework.flags.find("{port}") != std::string_view::npos);
    CHECK_FALSE(framework.decided.empty());
    CHECK(seen.insert(std::string(framework.program)).second);
    // docs/services.md lists them all.
    CHECK(page.find(std::string(framework.name)) != std::string::npos);
  }
}

}  // namespace
}  // namespace devproxy
