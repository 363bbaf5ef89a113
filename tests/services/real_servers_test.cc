// Servers as people have them: each runs without knowing its port, and is reached by its name.
#include <algorithm>
#include <filesystem>

#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// What a framework takes on a loaded machine.
constexpr std::chrono::milliseconds server_patience{120'000};

/// A project of Vite's, with the packages that examples/vite has.
void make_vite_project(const TempDir& folder) {
  const std::filesystem::path packages =
      std::filesystem::path(DEVPROXY_SOURCE_DIR) / "examples/vite/node_modules";
  if (!std::filesystem::exists(packages / "vite/package.json"))
    give_up("Vite is missing in examples/vite: ./dev setup test");
  folder.write("app/package.json",
               R"({"private": true, "type": "module", "scripts": {"dev": "vite"}})");
  folder.write("app/index.html",
               "<!doctype html><title>x</title><script type=module src=/main.js></script>");
  folder.write("app/main.js", "document.title = 'from Vite'");
  // One by one, so that Vite's cache is the test's own.
  std::filesystem::create_directory(folder.file("app/node_modules"));
  for (const auto& package : std::filesystem::directory_iterator(packages)) {
    if (package.path().filename() != ".vite")
      std::filesystem::create_symlink(
          package.path(), folder.file("app/node_modules/" + package.path().filename().string()));
  }
}

TEST_CASE("real servers: Vite by npm run dev, without a port anywhere", "[services]") {
  ServicesProxy proxy("");
  make_vite_project(proxy.folder());
  proxy.reload(R"toml(
[services.web]
host = ["web.t.localhost", "shop.test"]
command = "npm run dev"
dir = "app"
)toml");
  proxy.wait_for_state("web", "ready", 0, WaitLimit(server_patience));
  CHECK_THAT(proxy.get("web"), ContainsSubstring("/@vite/client"));
  CHECK_THAT(proxy.get("web", "/main.js"), ContainsSubstring("from Vite"));
  // Vite refuses hosts that it was not told of.
  CHECK(proxy.ask(get("shop.test", "/main.js")).status() == 200);
  const TextMessage upgrade = proxy.ask(
      "GET / HTTP/1.1\r\nHost: web.t.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: vite-ping\r\n\r\n");
  CHECK(upgrade.status() == 101);
  CHECK(proxy.stop().code == 0);
  wait_until_gone(proxy.folder());
}

TEST_CASE("real servers: a Node server that listens on ::1 only", "[services]") {
  ServicesProxy proxy(R"toml(
[services.node]
command = ["node", "-e", "require('http').createServer((q, s) => s.end('six ' + q.url)).listen(process.env.PORT, '::1')"]
)toml");
  proxy.wait_for_state("node", "ready");
  CHECK(proxy.get("node", "/x") == "six /x");
  CHECK(proxy.stop().code == 0);
}

constexpr const char* workers_script = R"py(
import http.server, os, socket
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
class Server(http.server.HTTPServer):
    address_family = socket.AF_INET
server = Server((os.environ["HOST"], int(os.environ["PORT"])), Handler)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()  # as PostgreSQL's backends do
        server.serve_forever()
print("workers run", flush=True)
while True: os.wait()
)py";

TEST_CASE("real servers: one that forks workers is stopped and restarted whole", "[services]") {
  ServicesProxy proxy("");
  proxy.folder().write("workers.py", workers_script);
  proxy.reload("[services.pool]\ncommand = [\"python3\", \"workers.py\"]\n");
  const Json first = proxy.wait_for_state("pool", "ready");
  const pid_t worker = std::stoi(proxy.get("pool"));
  CHECK(worker != first["pid"]);
  const auto before = processes_of(proxy.folder());
  // Its parent dies: the workers, which still listen, go too before it starts again.
  std::size_t mark = proxy.mark();
  ::kill(first["pid"].get<pid_t>(), SIGKILL);
  const Json second = proxy.wait_for_state("pool", "ready", mark);
  CHECK(second["port"] == first["port"]);
  const auto after = processes_of(proxy.folder());
  CHECK(std::find(after.begin(), after.end(), worker) == after.end());
  CHECK(after.size() == before.size());
  CHECK(std::stoi(proxy.get("pool")) != worker);
  CHECK(proxy.stop().code == 0);
  wait_until_gone(proxy.folder());
}

constexpr const char* warming_script = R"py(
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if os.path.exists("warm") else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()
        print(self.path, flush=True)
    def log_message(self, *_): pass
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
)py";

TEST_CASE("real servers: ready = { http } waits for an answer that is none of trouble",
          "[services]") {
  ServicesProxy proxy("");
  proxy.folder().write("warming.py", warming_script);
  proxy.reload(R"toml(
[services.cache]
command = "exec python3 warming.py"
ready = { http = "/healthz" }
[services.user]
command = "echo begun; exec sleep 1000"
ready = { port = false }
depends_on = ["cache"]
)toml");
  // It listens and is asked twice; that is not enough.
  const std::size_t mark = proxy.mark();
  proxy.wait_for_output("cache", "/healthz");
  proxy.wait_for_output("cache", "/healthz", mark);
  CHECK_FALSE(proxy.has_event([](const Json& event) {
    return event.value("event", "") == "service" && event.value("state", "") == "ready";
  }));
  proxy.folder().write("warm", "");
  proxy.wait_for_state("cache", "ready");
  proxy.wait_for_output("user", "begun");
}

TEST_CASE("real servers: restart = always starts one again that ended well", "[services]") {
  ServicesProxy proxy(R"toml(
[services.loop]
command = "echo round; exit 0"
restart = "always"
[services.once]
command = "echo once; exit 0"
[services.never]
command = "echo never; exit 1"
restart = "never"
)toml");
  const Json ended = proxy.wait_for_state("loop", "stopped");
  CHECK(ended["again_in_ms"] == 500);
  const std::size_t mark = proxy.mark();
  proxy.wait_for_output("loop", "round", mark);
  CHECK_FALSE(proxy.wait_for_state("once", "stopped").contains("again_in_ms"));
  CHECK_FALSE(proxy.wait_for_state("never", "failed").contains("again_in_ms"));
}

TEST_CASE("real servers: what a program is told of itself and of its peers is true", "[services]") {
  ServicesProxy proxy(R"toml(
[services.api]
command = ["node", "-e", "require('http').createServer((q, s) => s.end('api')).listen(process.env.PORT, process.env.HOST)"]
[services.my-web]
depends_on = ["api"]
env = { PEER = "{services.api.port}", OWN = "{url}" }
command = ["node", "-e", '''
const e = process.env
fetch(e.API_URL).then((r) => r.text()).then((text) => {
  console.log("direct", text, e.API_URL === "http://127.0.0.1:" + e.API_PORT, e.PEER === e.API_PORT)
  console.log("public", e.API_PUBLIC_URL, e.DEVPROXY_URL, e.OWN === e.DEVPROXY_URL, e.DEVPROXY_SERVICE)
  require("http").createServer((q, s) => s.end("web")).listen(e.PORT, e.HOST)
})
''']
)toml");
  proxy.wait_for_state("my-web", "ready");
  CHECK(proxy.wait_for_output("my-web", "direct")["line"] == "direct api true true");
  const std::string end = ".t.localhost:" + std::to_string(proxy.port());
  CHECK(proxy.wait_for_output("my-web", "public")["line"] ==
        "public https://api" + end + " https://my-web" + end + " true my-web");
  CHECK(proxy.get("my-web") == "web");
}

}  // namespace
}  // namespace devproxy
