// `open`, `devproxy` alone, and what shells complete with, beside a running devproxy.
#include <chrono>
#include <filesystem>

#include "tests/services/program.h"
#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

constexpr const char* open_services = R"toml(
[services.web]
command = "exec python3 -m http.server {port} --bind 127.0.0.1"
[services.docs]
host = ["*.docs.localhost", "docs.localhost"]
path = "/guide"
redirect = "https://x.example"
[services.gone]
port = 1
)toml";

/// It notes what it is asked to show.
Command with_browser(const ServicesProxy& proxy, std::vector<std::string> words) {
  proxy.folder().write("browser", "#!/bin/sh\necho \"$@\" >\"$HOME/shown\"\n");
  std::filesystem::permissions(proxy.folder().file("browser"), std::filesystem::perms::owner_all);
  Command command = proxy.command(std::move(words));
  command.environment.emplace_back("BROWSER", proxy.folder().file("browser") + " --tab %s");
  return command;
}

TEST_CASE("open: shows a service, or the project's first URL, in the browser", "[services]") {
  ServicesProxy proxy(open_services);
  proxy.wait_for_state("web", "ready");
  const std::string port = std::to_string(proxy.port());
  const std::string web = "https://web.t.localhost:" + port;
  const Finished first = run(with_browser(proxy, {"open"}));
  CHECK(first.exit.code == 0);
  CHECK(first.output == web + "\n");
  CHECK_THAT(first.errors, ContainsSubstring("opened with " + proxy.folder().file("browser")));
  CHECK(proxy.folder().read("shown") == "--tab " + web + "\n");
  const std::string docs = "https://docs.localhost:" + port + "/guide";
  const Json json = parse_json(run(with_browser(proxy, {"open", "docs", "--json"})).output);
  CHECK(json["schema"] == "devproxy.open/v1");
  CHECK(json["service"] == "docs");
  CHECK(json["url"] == docs);
  CHECK(json["opened_with"] == proxy.folder().file("browser"));
  CHECK(proxy.folder().read("shown") == "--tab " + docs + "\n");
}

TEST_CASE("open: without a browser the URL is printed, and that is said", "[services]") {
  ServicesProxy proxy(open_services);
  proxy.wait_for_state("web", "ready");
  Command command = proxy.command({"open", "web"});
  command.environment.emplace_back("BROWSER", "none");
  const Finished words = run(command);
  CHECK(words.exit.code == 0);
  CHECK(words.output == "https://web.t.localhost:" + std::to_string(proxy.port()) + "\n");
  CHECK_THAT(words.errors, ContainsSubstring("no browser"));
  command.arguments.emplace_back("--json");
  CHECK(parse_json(run(command).output)["opened_with"].is_null());
}

TEST_CASE("open: fails like url when the service cannot be reached", "[services]") {
  ServicesProxy proxy(open_services);
  const Finished gone = run(with_browser(proxy, {"open", "gone"}));
  CHECK(gone.exit.code == 3);
  CHECK_THAT(gone.errors, ContainsSubstring("gone cannot be reached: connection refused"));
  CHECK(run(with_browser(proxy, {"open", "gnoe"})).exit.code == 2);
  CHECK_FALSE(std::filesystem::exists(proxy.folder().file("shown")));
  proxy.stop();
  const Finished nobody = run(with_browser(proxy, {"open"}));
  CHECK(nobody.exit.code == 3);
  CHECK_THAT(nobody.errors, ContainsSubstring("no devproxy is running with devproxy.toml"));
}

TEST_CASE("devproxy alone: the status when one is running, else a short help", "[services]") {
  ServicesProxy proxy(open_services);
  proxy.wait_for_state("web", "ready");
  CHECK(proxy.run({"--json"}).output.starts_with("{\"schema\":\"devproxy.status/v1\""));
  CHECK_THAT(proxy.run({}).output, ContainsSubstring("https://web.t.localhost:"));
  proxy.stop();
  const Finished words = proxy.run({});
  CHECK(words.exit.code == 0);
  CHECK(words.errors.empty());
  CHECK_THAT(words.output, ContainsSubstring("Examples:") && ContainsSubstring("devproxy help"));
  CHECK(proxy.run({"--json"}).output.starts_with("{\"schema\":\"devproxy.help/v1\""));
}

TEST_CASE("complete: names of services come from the file, else from who runs it", "[services]") {
  ServicesProxy proxy(open_services);
  proxy.wait_for_state("web", "ready");
  const Finished good = proxy.run({"__complete", "services", "logs"});
  CHECK(good.exit.code == 0);
  CHECK(good.output == "web\ndocs\ngone\n");
  proxy.write_config("[services\n");
  const Finished broken = proxy.run({"__complete", "services", "logs"});
  CHECK(broken.exit.code == 0);
  CHECK(broken.output == "web\n");
  CHECK(broken.errors.empty());
}

TEST_CASE("complete: nobody is waited for, and nothing is ever an error", "[services]") {
  const TempDir folder;
  folder.write("other.toml", "[services.only]\nport = 1\n");
  Command command;
  command.folder = folder.path();
  command.environment = {{"HOME", folder.path()}, {"XDG_RUNTIME_DIR", folder.path()}};
  const auto complete = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {DEVPROXY_BINARY, "__complete"});
    command.arguments = words;
    const Finished done = run(command);
    CHECK(done.exit.code == 0);
    CHECK(done.errors.empty());
    return done.output;
  };
  CHECK(complete({}).empty());
  CHECK(complete({"planets"}).empty());
  CHECK(complete({"services"}).empty());
  CHECK(complete({"services", "logs", "-c"}).empty());
  CHECK(complete({"services", "logs", "-c", "nothere.toml"}).empty());
  CHECK(complete({"services", "logs", "-c", "other.toml"}) == "only\n");
  CHECK(complete({"services", "--config=other.toml", "logs"}) == "only\n");
  CHECK(complete({"services", "logs", "--config", "=", "other.toml"}) == "only\n");
  CHECK(complete({"services", "logs", "-c", "~/other.toml"}) == "only\n");
  CHECK(complete({"services", "run", "--", "-c", "other.toml"}).empty());
}

}  // namespace
}  // namespace devproxy
