// The real program with real services: they start, answer, end, and leave nothing behind.
#include <filesystem>

#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

constexpr const char* node_server = R"toml(
[services.node]
command = ["node", "-e", "require('http').createServer((q, s) => s.end('node ' + q.url)).listen(process.env.PORT, process.env.HOST)"]
)toml";

TEST_CASE("services: Python's http.server and a Node server run and answer", "[services]") {
  ServicesProxy proxy(std::string(node_server) + R"(
[services.files]
command = "python3 -u -m http.server {port} --bind 127.0.0.1"
)");
  CHECK(proxy.wait_for_state("node", "ready")["port"] !=
        proxy.wait_for_state("files", "ready")["port"]);
  CHECK(proxy.get("node", "/x") == "node /x");
  CHECK(proxy.status("files") == 200);
  CHECK_FALSE(proxy.wait_for_output("files", "GET / HTTP/1.1").empty());
  const Exit end = proxy.stop();
  CHECK(end.code == 0);
  wait_until_gone(proxy.folder());
}

TEST_CASE("services: a request waits for a service that takes a moment to be ready", "[services]") {
  // It listens when the test writes to its pipe, which happens while the request waits.
  ServicesProxy proxy(R"(
[services.slow]
command = "mkfifo go && echo made; read x < go; exec python3 -m http.server $PORT --bind $HOST"
)");
  proxy.wait_for_output("slow", "made");
  RawClient client(proxy.port());
  client.send(get("slow.t.localhost"));
  proxy.folder().write("go", "\n");
  CHECK(client.receive_final().status() == 200);
  proxy.wait_for_state("slow", "ready");
}

TEST_CASE("services: one that dies on start is told with its code and its last lines, and again",
          "[services]") {
  ServicesProxy proxy(R"(
[services.bad]
command = "echo first; echo the reason >&2; exit 3"
)");
  const Json first = proxy.wait_for_state("bad", "failed");
  CHECK_THAT(first["detail"].get<std::string>(), ContainsSubstring("exited with code 3"));
  CHECK(first["again_in_ms"] == 500);
  CHECK(first["last_lines"] == Json({"first", "the reason"}));
  const Json second = proxy.wait_for_event([](const Json& event) {
    return event.value("detail", "").find("2nd time in a row") != std::string::npos;
  });
  CHECK(second["again_in_ms"] == 1000);
  CHECK(proxy.stop().code == 0);
}

TEST_CASE("services: a request for one that will not come back is answered at once", "[services]") {
  ServicesProxy proxy(R"(
[services.bad]
command = "kill -KILL $$"
restart = "never"
)");
  const Json failed = proxy.wait_for_state("bad", "failed");
  CHECK_THAT(failed["detail"].get<std::string>(), ContainsSubstring("was ended by SIGKILL"));
  CHECK_FALSE(failed.contains("again_in_ms"));
  const auto began = std::chrono::steady_clock::now();
  CHECK(proxy.status("bad") == 503);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(8));
}

TEST_CASE("services: what cannot be run says so", "[services]") {
  ServicesProxy proxy(R"(
[services.none]
command = ["./no-such-program"]
restart = "never"
)");
  CHECK_THAT(json_line(proxy.wait_for_output("none", "cannot run")),
             ContainsSubstring("cannot run ./no-such-program: No such file or directory"));
  CHECK_THAT(proxy.wait_for_state("none", "failed")["detail"].get<std::string>(),
             ContainsSubstring("exited with code 127"));
}

TEST_CASE("services: a child gets a session, signals, limits and descriptors of its own",
          "[services]") {
  ProxyProcess::Options options;
  options.descriptors = 2048;
  ServicesProxy proxy(R"toml(
[services.look]
command = ["python3", "-c", '''
import os, resource, signal
print("leader", os.getpid() == os.getsid(0) == os.getpgid(0))
print("ignored", [s for s in signal.Signals if signal.getsignal(s) is signal.SIG_IGN and s.name != "SIGPIPE" and s.name != "SIGXFSZ"])
print("blocked", signal.pthread_sigmask(signal.SIG_BLOCK, []))
links = [os.readlink("/proc/self/fd/" + f) for f in os.listdir("/proc/self/fd") if os.path.lexists("/proc/self/fd/" + f)]
print("ours", [link for link in links if link.startswith(("socket:", "anon_inode:")) or "devproxy" in link])
print("stdin", os.read(0, 1))
print("mark", os.environ["DEVPROXY_RUN_ID"].split(".")[1], os.environ["PORT"].isdigit(), os.getcwd() == os.environ["HOME"])
''']
ready = { port = false }
)toml",
                      options);
  const auto line = [&](const char* begin) {
    return proxy.wait_for_output("look", begin)["line"].get<std::string>();
  };
  CHECK(line("leader") == "leader True");
  CHECK(line("ignored") == "ignored []");
  CHECK(line("blocked") == "blocked set()");
  CHECK(line("ours") == "ours []");
  CHECK(line("stdin") == "stdin b''");
  CHECK(line("mark") == "mark look True True");
}

TEST_CASE("services: one that ignores SIGTERM is ended by SIGKILL after its stop_timeout",
          "[services]") {
  ServicesProxy proxy(R"(
[services.stubborn]
command = "trap '' TERM; echo set; while :; do sleep 1000; done"
ready = { log = "set" }
stop_timeout = "200ms"
)");
  proxy.wait_for_state("stubborn", "ready");
  CHECK(proxy.stop().code == 0);
  proxy.wait_for_event([](const Json& event) {
    return event.value("message", "").find("has not ended 200 ms after SIGTERM: SIGKILL") !=
           std::string::npos;
  });
  wait_until_gone(proxy.folder());
}

TEST_CASE("services: the stop_signal is the one that arrives", "[services]") {
  ServicesProxy proxy(R"(
[services.polite]
command = "trap 'echo got INT; exit 0' INT; echo set; while :; do sleep 0.01; done"
ready = { log = "set" }
stop_signal = "SIGINT"
)");
  proxy.wait_for_state("polite", "ready");
  CHECK(proxy.stop().code == 0);
  proxy.wait_for_output("polite", "got INT");
}

constexpr const char* daemon_script = R"py(
import http.server, os, signal, sys
if os.fork(): sys.exit(0)
os.setsid()
if os.fork(): sys.exit(0)
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("pid", os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
)py";

TEST_CASE("services: one that makes itself a daemon is served, and found at the end",
          "[services]") {
  ServicesProxy proxy("");
  proxy.folder().write("daemon.py", daemon_script);
  proxy.reload(
      "[services.daemon]\ncommand = \"python3 daemon.py stubborn\"\nstop_timeout = \"200ms\"\n");
  const auto pid = static_cast<pid_t>(
      std::stol(proxy.wait_for_output("daemon", "pid ")["line"].get<std::string>().substr(4)));
  proxy.wait_for_state("daemon", "ready");
  CHECK(proxy.status("daemon") == 200);
  CHECK(is_alive(pid));
  CHECK(proxy.stop().code == 0);
  const auto left = processes_of(proxy.folder());
  CHECK(std::find(left.begin(), left.end(), pid) == left.end());
  wait_until_gone(proxy.folder());
}

TEST_CASE("services: kill -9 of devproxy leaves no child", "[services]") {
  ServicesProxy proxy(std::string(node_server) + R"(
[services.tree]
command = "trap '' TERM; (trap '' TERM; while :; do sleep 1000; done) & (exec setsid sleep 1000) & echo up; wait"
ready = { log = "up" }
)");
  proxy.wait_for_state("tree", "ready");
  proxy.wait_for_state("node", "ready");
  CHECK(processes_of(proxy.folder()).size() >= 6);
  proxy.process().signal(SIGKILL);
  wait_until_gone(proxy.folder());
}

TEST_CASE("services: kill -9 leaves nothing, whenever it comes", "[services]") {
  // While they start, run, end and start again; the next proxy of the folder works.
  const char* routes = R"(
[services.a]
command = "sleep 0.02; echo one; sleep 0.02; exit 1"
[services.b]
command = "(setsid sleep 1000 &); echo up; exec sleep 1000"
ready = { log = "up" }
[services.c]
command = "echo c; exec sleep 1000"
depends_on = ["b"]
ready = { log = "c" }
)";
  for (int lines = 0; lines < 10; ++lines) {
    ServicesProxy proxy(routes);
    const auto wanted = static_cast<std::size_t>(lines) + 1;
    proxy.process().wait_for_line([](const std::string&) { return true; }, wanted);
    proxy.process().signal(SIGKILL);
    wait_until_gone(proxy.folder());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(proxy.folder().path()))
      CHECK(entry.path().string().find("ports.") == entry.path().string().find("ports.lock"));
  }
}

TEST_CASE("services: a reload restarts a changed service and leaves an unchanged one alone",
          "[services]") {
  const std::string same =
      "[services.same]\ncommand = \"echo same $$; exec sleep 1000\"\nready = { log = \"same\" }\n";
  const auto other = [](const char* word) {
    return "[services.other]\ncommand = \"echo " + std::string(word) +
           "; exec sleep 1000\"\nready = { port = false }\nenv_file = \"x.env\"\n";
  };
  ServicesProxy proxy("");
  proxy.folder().write("x.env", "A=1\n");
  proxy.reload(same + other("first"));
  proxy.wait_for_output("other", "first");
  const Json before = proxy.wait_for_state("same", "ready");
  std::size_t mark = proxy.mark();
  proxy.reload(same + other("second"));
  proxy.wait_for_output("other", "second", mark);
  mark = proxy.mark();
  proxy.folder().replace("x.env", "A=2\n");
  proxy.wait_for_output("other", "second", mark);
  mark = proxy.mark();
  proxy.reload(same);
  proxy.wait_for_state("other", "stopped", mark);
  CHECK(is_alive(before["pid"].get<pid_t>()));
  proxy.write_config("broken");
  proxy.wait_for_refused_reload(proxy.mark() - 1);
  CHECK(is_alive(before["pid"].get<pid_t>()));
  CHECK(proxy.stop().code == 0);
}

TEST_CASE("services: a port that somebody took is replaced, and the route follows", "[services]") {
  ServicesProxy proxy(node_server);
  const Json ready = proxy.wait_for_state("node", "ready");
  const auto port = ready["port"].get<std::uint16_t>();
  const std::size_t mark = proxy.mark();
  // Between its end and its next start somebody else listens there.
  ::kill(ready["pid"].get<pid_t>(), SIGKILL);
  proxy.wait_for_state("node", "failed", mark);
  const Descriptor stranger = listen_on(Family::v4, port);
  const Json again = proxy.wait_for_state("node", "ready", mark);
  CHECK(again["port"] != port);
  CHECK(proxy.get("node", "/y") == "node /y");
}

TEST_CASE("services: the page of one that does not run says what it printed last", "[services]") {
  ServicesProxy proxy(R"(
[services.bad]
command = "echo 'it is <so>'; exit 3"
restart = "never"
)");
  proxy.wait_for_state("bad", "failed");
  const Json problem = parse_json(proxy.get("bad"));
  CHECK_THAT(problem["state"].get<std::string>(), ContainsSubstring("failed: exited with code 3"));
  CHECK(problem["last_lines"] == Json({"it is <so>"}));
  const std::string page =
      proxy.ask("GET / HTTP/1.1\r\nHost: bad.t.localhost\r\nAccept: text/html\r\n\r\n").body;
  CHECK_THAT(page, ContainsSubstring("it is &lt;so&gt;"));
  CHECK_THAT(page, ContainsSubstring("devproxy runs this service"));
}

TEST_CASE("services: a second signal ends everything at once", "[services]") {
  ServicesProxy proxy(R"(
[services.stubborn]
command = "trap '' TERM; echo set; while :; do sleep 1000; done"
ready = { log = "set" }
)");
  proxy.wait_for_state("stubborn", "ready");
  const std::size_t mark = proxy.mark();
  proxy.process().signal(SIGTERM);
  proxy.wait_for_state("stubborn", "stopping", mark);
  proxy.process().signal(SIGTERM);
  CHECK(proxy.process().wait().code == 128 + SIGTERM);
  wait_until_gone(proxy.folder());
}

TEST_CASE("services: one that prints a lot costs neither memory nor lines that are kept",
          "[services]") {
  ServicesProxy::Options options;
  options.environment = {{"ASAN_OPTIONS", "quarantine_size_mb=1"}};  // what is freed is free
  ServicesProxy proxy(R"toml(
[services.loud]
command = ["python3", "-c", "import sys\nfor i in range(40000): print('x' * 200)\nprint('the end', flush=True)\nsys.stdin.read()"]
restart = "never"
ready = { log = "the end" }
)toml",
                      options);
  const std::size_t before = proxy.process().resident_bytes();
  proxy.wait_for_state("loud", "stopped");
  CHECK(proxy.process().resident_bytes() < before + (std::size_t{48} << 20U));
  std::size_t bytes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(proxy.folder().file("devproxy/logs"))) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  CHECK(bytes > (std::size_t{1} << 20U));
  CHECK(bytes < (std::size_t{10} << 20U));
}

}  // namespace
}  // namespace devproxy
