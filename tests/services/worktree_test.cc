// One project in two checkouts, made by git itself: both run at once, each under its own names,
// with its own ports and logs.
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// The server answers /who with its own folder's file, and says its port at /port.
constexpr const char* worktree_file = R"toml(name = "shop"
[proxy]
listen = "127.0.0.1:${PROXY_PORT:-0}"
access_log = false
[services.web]
host = "shop.localhost"
command = "echo serving on {port} as {worktree}; exec python3 -m http.server {port} --bind 127.0.0.1"
[services.api]
command = "exec python3 -m http.server {port} --bind 127.0.0.1"
)toml";

/// T/shop with a commit, T/fix beside it on the branch fix/ui.
class Repository {
 public:
  Repository() {
    dir_.write("shop/devproxy.toml", worktree_file);
    dir_.write("shop/who", "main\n");
    git("shop", {"init", "-q", "-b", "main"});
    git("shop", {"add", "."});
    git("shop", {"commit", "-q", "-m", "begin"});
    git("shop", {"worktree", "add", "-q", "-b", "fix/ui", "../fix"});
    dir_.write("fix/who", "fix\n");
  }

  void git(const std::string& folder, std::vector<std::string> words) const {
    words.insert(words.begin(), {"/usr/bin/env", "git", "-c", "user.name=t", "-c", "user.email=t@t",
                                 "-c", "commit.gpgsign=false"});
    Command command = this->command(folder, {});
    command.arguments = std::move(words);
    command.environment.emplace_back("GIT_CONFIG_NOSYSTEM", "1");
    const Finished done = devproxy::run(command);
    INFO(done.output << done.errors);
    REQUIRE(done.exit.code == 0);
  }
  Command command(const std::string& folder, std::vector<std::string> words) const {
    words.insert(words.begin(), DEVPROXY_BINARY);
    Command command;
    command.arguments = std::move(words);
    command.folder = dir_.file(folder);
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, dir_.path());
    if (port_ != 0) command.environment.emplace_back("PROXY_PORT", std::to_string(port_));
    return command;
  }
  Finished run(const std::string& folder, std::vector<std::string> words) const {
    return devproxy::run(command(folder, std::move(words)));
  }
  /// From now on everybody asks for the port that this one has.
  void share_port(Process& up) {
    const std::string line = wait_for(up, R"("event":"listening")");
    const auto address = parse_json(line)["listeners"][0].get<std::string>();
    port_ = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  }
  static std::string wait_for(Process& process, const std::string& part, std::size_t from = 0) {
    return process.wait_for_line(
        [&](const std::string& line) { return line.find(part) != std::string::npos; }, from);
  }
  static void wait_until_ready(Process& up) {
    for (const char* const service : {"web", "api"}) {
      up.wait_for_line([&](const std::string& line) {
        return line.find(R"("event":"service")") != std::string::npos &&
               line.find(std::string(R"("service":")") + service) != std::string::npos &&
               line.find(R"("state":"ready")") != std::string::npos;
      });
    }
  }
  TextMessage ask(const std::string& host, const std::string& path = "/who") const {
    return RawClient(port_).ask(get(host, path));
  }
  const TempDir& dir() const { return dir_; }

 private:
  TempDir dir_;
  std::uint16_t port_ = 0;
};

/// Of the services that run with this file, by name: ":20123 python3 …" is how status has them.
std::map<std::string, int> ports_of(const Finished& status, const std::string& config) {
  std::map<std::string, int> ports;
  const Json proxies = parse_json(status.output)["proxies"];
  for (const Json& proxy : proxies) {
    if (proxy["file"] != config) continue;
    for (const Json& service : proxy["services"])
      ports[service["name"]] = std::stoi(service["target"].get<std::string>().substr(1));
  }
  return ports;
}

}  // namespace

TEST_CASE("worktree: two checkouts run at once, each under its own names", "[services]") {
  Repository repository;
  Process main(repository.command("shop", {"up", "--json"}));
  repository.share_port(main);
  auto fix = std::make_unique<Process>(repository.command("fix", {"up", "--json"}));
  Repository::wait_until_ready(main);
  Repository::wait_until_ready(*fix);

  CHECK(repository.ask("shop.localhost").body == "main\n");
  CHECK(repository.ask("shop-fix-ui.localhost").body == "fix\n");
  CHECK(repository.ask("api.shop.localhost").body == "main\n");
  CHECK(repository.ask("api.shop-fix-ui.localhost").body == "fix\n");
  CHECK_THAT(fix->output(), ContainsSubstring("as fix-ui"));

  // Ports of their own, and the same again after a restart.
  const std::string config = repository.dir().file("fix/devproxy.toml");
  const auto first = ports_of(repository.run("fix", {"status", "--json"}), config);
  const auto others = ports_of(repository.run("fix", {"status", "--json"}),
                               repository.dir().file("shop/devproxy.toml"));
  REQUIRE(first.size() == 2);
  REQUIRE(others.size() == 2);
  const std::set<int> all{first.at("web"), first.at("api"), others.at("web"), others.at("api")};
  CHECK(all.size() == 4);
  // Status tells them apart.
  const std::string words = repository.run("fix", {"status"}).output;
  CHECK_THAT(words, ContainsSubstring("project shop, pid ") &&
                        ContainsSubstring("project shop, worktree fix-ui (branch fix/ui), pid ") &&
                        ContainsSubstring("; shop, worktree fix-ui (pid "));
  const Json statuses = parse_json(repository.run("fix", {"status", "--json"}).output)["proxies"];
  for (const Json& proxy : statuses) {
    if (proxy["file"] == config) CHECK(proxy["worktree"]["label"] == "fix-ui");
    if (proxy["file"] == repository.dir().file("shop/devproxy.toml"))
      CHECK(proxy["worktree"].is_null());
  }
  // Logs of their own.
  std::size_t folders = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(repository.dir().file("devproxy/logs"))) {
    CHECK(entry.path().filename().string().starts_with("shop-"));
    ++folders;
  }
  CHECK(folders == 2);
  CHECK_THAT(repository.run("fix", {"logs", "web"}).output, ContainsSubstring("as fix-ui"));
  CHECK(repository.run("shop", {"logs", "web"}).output.find("fix-ui") == std::string::npos);

  fix->signal(SIGTERM);
  CHECK(fix->wait().code == 0);
  fix = std::make_unique<Process>(repository.command("fix", {"up", "--json"}));
  Repository::wait_until_ready(*fix);
  CHECK(ports_of(repository.run("fix", {"status", "--json"}), config) == first);
  CHECK(repository.ask("shop-fix-ui.localhost").body == "fix\n");

  // Another branch there is another name, at once.
  repository.git("fix", {"switch", "-q", "-c", "other"});
  wait_until([&] { return repository.ask("shop-other.localhost").status() == 200; });
  CHECK(repository.ask("shop-fix-ui.localhost").status() == 404);
  CHECK(repository.ask("shop.localhost").body == "main\n");
}

TEST_CASE("worktree: check, routes, explain and url tell of it", "[services]") {
  const Repository repository;
  const Finished check = repository.run("fix", {"check"});
  CHECK(check.output ==
        "devproxy.toml: 2 services, 2 routes, no problem found\n"
        "worktree: fix-ui (branch fix/ui): the hosts here carry its label\n");
  CHECK(repository.run("shop", {"check"}).output.find("worktree") == std::string::npos);
  const Json checked = parse_json(repository.run("fix", {"check", "--json"}).output);
  CHECK(checked["worktree"]["label"] == "fix-ui");
  CHECK(checked["worktree"]["origin"] == "branch fix/ui");
  CHECK(parse_json(repository.run("shop", {"check", "--json"}).output)["worktree"].is_null());

  CHECK_THAT(repository.run("fix", {"routes"}).output,
             ContainsSubstring("shop-fix-ui.localhost") &&
                 ContainsSubstring("worktree: fix-ui (branch fix/ui)"));
  const Finished there = repository.run("fix", {"explain", "http://shop.localhost/"});
  CHECK(there.exit.code == 1);
  CHECK_THAT(there.output, ContainsSubstring("shop.localhost is the main checkout's; here it is "
                                             "shop-fix-ui.localhost"));
  const Json here =
      parse_json(repository.run("fix", {"explain", "shop-fix-ui.localhost", "--json"}).output);
  CHECK(here["matched"] == true);
  CHECK(here["worktree"]["label"] == "fix-ui");
  CHECK(here["called_here"] == "");
}

TEST_CASE("worktree: what run starts carries the label too", "[services]") {
  const Repository repository;
  const Finished done =
      repository.run("fix", {"run", "--json", "--", "sh", "-c", "echo $DEVPROXY_URL"});
  INFO(done.errors);
  CHECK(done.exit.code == 0);
  CHECK_THAT(done.output, ContainsSubstring("//shop-fix-ui.localhost:"));
}

}  // namespace devproxy
