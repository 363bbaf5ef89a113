// A branch that runs only web: what it left out is answered by the main checkout. Two checkouts,
// made by git itself, one shared proxy.
#include <memory>

#include "tests/services/program.h"
#include "tests/support/test.h"
#include "tests/support/websocket.h"

namespace devproxy {
namespace {

/// The api tells in which checkout it runs, and what it was asked for; it takes WebSockets too.
constexpr const char* server = R"py(import http.server, os, sys
class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.headers.get("Upgrade"):
            self.send_response_only(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            self.end_headers()
            self.close_connection = True
            return
        body = f"{sys.argv[2]} of {os.path.basename(os.getcwd())}: {self.headers['Host']}{self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Api).serve_forever()
)py";

constexpr const char* file = R"toml(name = "shop"
[proxy]
listen = "127.0.0.1:${PROXY_PORT:-0}"
[services.web]
host = "shop.localhost"
command = "exec python3 server.py {port} web"
[services.api]
host = ["shop.localhost", "api.shop.localhost"]
path = "/api"
strip_prefix = true
command = "exec python3 server.py {port} api"
)toml";

class Checkouts {
 public:
  Checkouts() {
    dir_.write("shop/devproxy.toml", file);
    dir_.write("shop/server.py", server);
    git({"init", "-q", "-b", "main"});
    git({"add", "."});
    git({"commit", "-q", "-m", "begin"});
    git({"worktree", "add", "-q", "-b", "fix/ui", "../fix"});
    port_ = port_reserved_.number();
  }

  Command command(const std::string& folder, std::vector<std::string> words) const {
    words.insert(words.begin(), DEVPROXY_BINARY);
    Command command;
    command.arguments = std::move(words);
    command.folder = dir_.file(folder);
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, dir_.path());
    command.environment.emplace_back("PROXY_PORT", std::to_string(port_));
    return command;
  }
  std::unique_ptr<Process> up(const std::string& folder, std::vector<std::string> services) const {
    services.insert(services.begin(), {"up", "--json"});
    return std::make_unique<Process>(command(folder, std::move(services)));
  }
  Finished run(const std::string& folder, std::vector<std::string> words) const {
    return devproxy::run(command(folder, std::move(words)));
  }
  TextMessage ask(const std::string& path, const std::string& host = "shop-fix-ui.localhost",
                  const std::string& more = "") const {
    return RawClient(port_).ask("GET " + path + " HTTP/1.1\r\nHost: " + host +
                                "\r\nConnection: close\r\n" + more + "\r\n");
  }
  std::uint16_t port() const { return port_; }
  const TempDir& dir() const { return dir_; }

  static void wait_for_state(Process& up, const std::string& service, const std::string& state) {
    up.wait_for_line([&](const std::string& line) {
      return line.find(R"("event":"service")") != std::string::npos &&
             line.find(R"("service":")" + service + '"') != std::string::npos &&
             line.find(R"("state":")" + state + '"') != std::string::npos;
    });
  }
  static void wait_for(Process& up, const std::string& part) {
    up.wait_for_line([&](const std::string& line) { return line.find(part) != std::string::npos; });
  }

 private:
  void git(std::vector<std::string> words) const {
    words.insert(words.begin(), {"/usr/bin/env", "git", "-c", "user.name=t", "-c", "user.email=t@t",
                                 "-c", "commit.gpgsign=false"});
    Command command = this->command("shop", {});
    command.arguments = std::move(words);
    command.environment.emplace_back("GIT_CONFIG_NOSYSTEM", "1");
    const Finished done = devproxy::run(command);
    INFO(done.output << done.errors);
    REQUIRE(done.exit.code == 0);
  }

  TempDir dir_;
  ReservedPort port_reserved_;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE(
    "fallback: what a worktree leaves out, the main checkout answers, and the response says so",
    "[services]") {
  const Checkouts checkouts;
  const auto main = checkouts.up("shop", {});
  Checkouts::wait_for_state(*main, "api", "ready");
  Checkouts::wait_for_state(*main, "web", "ready");
  const auto fix = checkouts.up("fix", {"web"});
  Checkouts::wait_for_state(*fix, "web", "ready");
  Checkouts::wait_for(*fix, "shop/api of the main checkout answers for it");

  const TextMessage own = checkouts.ask("/");
  CHECK(own.body == "web of fix: shop-fix-ui.localhost/\n");
  CHECK_FALSE(own.has("devproxy-fallback"));
  const TextMessage other = checkouts.ask("/api/users?x=1");
  CHECK(other.body == "api of shop: shop-fix-ui.localhost/users?x=1\n");
  CHECK(other.field("devproxy-fallback") == "shop/api");
  CHECK(checkouts.ask("/api", "api.shop-fix-ui.localhost").body ==
        "api of shop: api.shop-fix-ui.localhost/\n");
  CHECK_FALSE(checkouts.ask("/api", "shop.localhost").has("devproxy-fallback"));
  {
    RawClient client(checkouts.port());
    client.send(websocket_request("shop-fix-ui.localhost", "/api/socket"));
    const TextMessage head = client.receive_head();
    CHECK(head.status() == 101);
    CHECK(head.field("devproxy-fallback") == "shop/api");
  }
  // The worktree's own request: its terminal shows it.
  Checkouts::wait_for(*fix, "/api/users");

  SECTION("status, routes, explain and wait tell of it") {
    CHECK_THAT(checkouts.run("fix", {"status"}).output,
               ContainsSubstring("falls back to shop/api of the main checkout"));
    const Json routes = parse_json(checkouts.run("fix", {"routes", "--json"}).output)["routes"];
    CHECK(routes[0]["fallback"] == "");
    CHECK(routes[1]["fallback"] == "shop/api");
    CHECK_THAT(checkouts.run("fix", {"routes"}).output,
               ContainsSubstring("(falls back to shop/api of the main checkout)"));
    const std::string url =
        "http://shop-fix-ui.localhost:" + std::to_string(checkouts.port()) + "/api";
    const Finished text = checkouts.run("fix", {"explain", url});
    CHECK(text.exit.code == 0);
    CHECK_THAT(text.output, ContainsSubstring("shop/api of the main checkout answers for api"));
    const Json explained = parse_json(checkouts.run("fix", {"explain", url, "--json"}).output);
    CHECK(explained["fallback"] == "shop/api");
    CHECK(explained["reachable"] == true);
    CHECK(explained["routes"][0]["target"] == routes[1]["target"]);
    CHECK(checkouts.run("fix", {"wait", "api"}).exit.code == 0);
    const Json status = parse_json(checkouts.run("fix", {"status", "--json"}).output)["proxies"];
    for (const Json& proxy : status) {
      const bool is_fix = proxy["file"] == checkouts.dir().file("fix/devproxy.toml");
      CHECK(proxy["fallbacks"].size() == (is_fix ? 1 : 0));
    }
  }
  SECTION("restart starts its own, which takes over at once") {
    const Finished started = checkouts.run("fix", {"restart", "api"});
    INFO(started.output << started.errors);
    CHECK(started.exit.code == 0);
    const TextMessage now = checkouts.ask("/api/users");
    CHECK(now.body == "api of fix: shop-fix-ui.localhost/users\n");
    CHECK_FALSE(now.has("devproxy-fallback"));
    Checkouts::wait_for(*fix, "falls back to shop/api no more");
    // It was asked for: that it is stopped now and then is no reason to look elsewhere.
    CHECK(parse_json(checkouts.run("fix", {"routes", "--json"}).output)["routes"][1]["fallback"] ==
          "");
  }
  SECTION("so does up, asked for more") {
    CHECK(checkouts.run("fix", {"up", "-d", "api"}).exit.code == 0);
    CHECK(checkouts.ask("/api").body == "api of fix: shop-fix-ui.localhost/\n");
  }
  SECTION("the main checkout leaves, and nobody answers; it comes again, and does") {
    main->signal(SIGTERM);
    CHECK(main->wait().code == 0);
    wait_until([&] { return checkouts.ask("/api").status() == 503; });
    const TextMessage down =
        checkouts.ask("/api", "shop-fix-ui.localhost", "Accept: text/html\r\n");
    CHECK_FALSE(down.has("devproxy-fallback"));
    CHECK_THAT(down.body, ContainsSubstring("api is not running") &&
                              ContainsSubstring("devproxy restart api starts it") &&
                              ContainsSubstring("main checkout"));
    CHECK_THAT(checkouts.run("fix", {"status"}).output, ContainsSubstring("not started"));
    const auto again = checkouts.up("shop", {"api"});
    wait_until([&] { return checkouts.ask("/api").status() == 200; });
    CHECK(checkouts.ask("/api").field("devproxy-fallback") == "shop/api");
  }
}

TEST_CASE("fallback: a crash is none, and what the main checkout leaves out is answered by nobody",
          "[services]") {
  const Checkouts checkouts;
  // Of the api.
  checkouts.dir().write("fix/devproxy.toml", std::string(file) + "restart = \"never\"\n");
  const auto fix = checkouts.up("fix", {"web"});
  Checkouts::wait_for_state(*fix, "web", "ready");
  CHECK(checkouts.ask("/api").status() == 503);
  const auto main = checkouts.up("shop", {"web"});
  Checkouts::wait_for_state(*main, "web", "ready");
  CHECK(checkouts.ask("/api").status() == 503);
  // Its own api, which does not even start.
  checkouts.dir().write("fix/server.py", "raise SystemExit(3)");
  CHECK(checkouts.run("shop", {"restart", "api"}).exit.code == 0);
  CHECK(checkouts.ask("/api").field("devproxy-fallback") == "shop/api");
  CHECK(checkouts.run("fix", {"restart", "api"}).exit.code == 1);
  const TextMessage down = checkouts.ask("/api");
  CHECK(down.status() == 503);
  CHECK_FALSE(down.has("devproxy-fallback"));
}

TEST_CASE("fallback: it is found again by another proxy, and kept by a reload", "[services]") {
  const Checkouts checkouts;
  const auto main = checkouts.up("shop", {});
  Checkouts::wait_for_state(*main, "api", "ready");
  const auto fix = checkouts.up("fix", {"web"});
  Checkouts::wait_for_state(*fix, "web", "ready");
  wait_until([&] { return checkouts.ask("/api").field("devproxy-fallback") == "shop/api"; });
  checkouts.dir().write("fix/devproxy.toml", std::string(file) + "[services.more]\nport = 1\n");
  Checkouts::wait_for(*fix, "+ more.shop-fix-ui.localhost");
  CHECK(checkouts.ask("/api").field("devproxy-fallback") == "shop/api");
  const Json proxies = parse_json(checkouts.run("fix", {"status", "--json"}).output)["proxies"];
  for (const Json& proxy : proxies) {
    if (proxy["shared"] == true) ::kill(proxy["pid"].get<pid_t>(), SIGKILL);
  }
  Checkouts::wait_for(*fix, "is carried again");
  Checkouts::wait_for(*main, "is carried again");
  wait_until([&] { return checkouts.ask("/api").status() == 200; });
  CHECK(checkouts.ask("/api").field("devproxy-fallback") == "shop/api");
}

}  // namespace devproxy
