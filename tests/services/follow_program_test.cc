// The real program follows real servers: started by somebody else, restarted on other ports, and
// commands that do not use the port that they were given.
#include <signal.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/process_facts.h"
#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
using Catch::Matchers::StartsWith;

namespace {

using FollowClock = std::chrono::steady_clock;

/// Listens on a free port, prints it, and answers with its first word and that port.
constexpr const char* follow_server = R"py(
import http.server, os, socket, sys
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if "v6" in sys.argv else socket.AF_INET
class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = f"{sys.argv[1]} {port}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
if "pid" in sys.argv:
    open("server.pid", "w").write(f"{os.getpid()}\n")
listening = Server(("::1" if "v6" in sys.argv else "127.0.0.1", 0), Answers)
port = listening.server_address[1]
print(port, flush=True)
print(os.getpid(), flush=True)
listening.serve_forever()
)py";

/// A folder with the follow_server in it, and whoever runs there.
class Elsewhere {
 public:
  Elsewhere() { folder_.write("server.py", follow_server); }

  /// Starts a follow_server in the folder; returns its port.
  std::string start(std::vector<std::string> words) {
    words.insert(words.begin(), {"/usr/bin/python3", file()});
    return run(std::move(words), folder_.path());
  }
  std::string run(std::vector<std::string> command, const std::string& folder) {
    process_ = std::make_unique<Process>(Command{std::move(command), folder, {}, {}});
    return process_->wait_for_line([](const std::string& line) { return !line.empty(); });
  }
  void end() {
    process_->signal(SIGKILL);
    process_->wait();
  }
  std::string follow(const std::string& more = "") const {
    return "[services.admin]\nfollow = { dir = \"" + folder_.path() + "\"" + more + " }\n";
  }
  std::string file() const { return folder_.file("server.py"); }
  const TempDir& folder() const { return folder_; }
  Process& process() { return *process_; }

 private:
  TempDir folder_;
  std::unique_ptr<Process> process_;
};

/// Waits until the service answers so.
void await_answer(ServicesProxy& proxy, const std::string& answer, WaitLimit limit = WaitLimit(),
                  const std::string& service = "admin") {
  std::string last;
  while ((last = proxy.get(service)) != answer) {
    if (limit.is_over()) give_up("expected " + answer + ", the last answer was " + last);
  }
}

std::string run_command(ServicesProxy& proxy, std::vector<std::string> words) {
  words.insert(words.begin(), DEVPROXY_BINARY);
  words.insert(words.end(), {"-c", proxy.folder().file("devproxy.toml")});
  return run(Command{std::move(words),
                     proxy.folder().path(),
                     {{"HOME", proxy.folder().path()}, {"XDG_RUNTIME_DIR", proxy.folder().path()}},
                     {}})
      .output;
}

}  // namespace

TEST_CASE(
    "follow: a follow_server is found by its folder, and again on another port within a second",
    "[services]") {
  Elsewhere elsewhere;
  ServicesProxy proxy(elsewhere.follow());
  const TextMessage nobody = proxy.ask(get("admin.t.localhost"));
  CHECK(nobody.status() == 503);
  CHECK_THAT(nobody.body, ContainsSubstring("no process of yours that works in"));
  for (const char* name : {"first", "second", "third"}) {
    const std::string port = elsewhere.start({name});
    const WaitLimit limit(std::chrono::milliseconds(5'000));
    const auto began = FollowClock::now();
    await_answer(proxy, std::string(name) + " " + port, limit);
    const auto took = FollowClock::now() - began;
    CAPTURE(name, std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    CHECK(took < std::chrono::seconds(1));
    elsewhere.end();
  }
}

TEST_CASE("follow: requests wait while it restarts", "[services]") {
  Elsewhere elsewhere;
  const std::string port = elsewhere.start({"before"});
  ServicesProxy proxy(elsewhere.follow());
  await_answer(proxy, "before " + port);
  elsewhere.end();
  RawClient client(proxy.port());
  client.send(get("admin.t.localhost"));
  CHECK_FALSE(client.has_input_within(std::chrono::milliseconds(300)));
  const std::string next = elsewhere.start({"after"});
  CHECK(client.receive_final().body == "after " + next);
}

TEST_CASE("follow: one that listens on ::1 alone", "[services]") {
  Elsewhere elsewhere;
  const std::string port = elsewhere.start({"six", "v6"});
  ServicesProxy proxy(elsewhere.follow());
  await_answer(proxy, "six " + port);
}

TEST_CASE("follow: the child of a child of who matches, in another folder", "[services]") {
  Elsewhere elsewhere;
  elsewhere.folder().write("tool.sh",
                           "cd / && (python3 " + elsewhere.file() + " child; true); true");
  ServicesProxy proxy("[services.admin]\nfollow = { command = \"*" +
                      elsewhere.folder().file("tool.sh") + "*\" }\n");
  const std::string port =
      elsewhere.run({"/bin/sh", elsewhere.folder().file("tool.sh")}, elsewhere.folder().path());
  const pid_t child = std::stoi(
      elsewhere.process().wait_for_line([](const std::string& line) { return !line.empty(); }, 1));
  CHECK_NOTHROW(await_answer(proxy, "child " + port));
  ::kill(child, SIGKILL);
}

TEST_CASE("follow: by pid file, also when it is written anew", "[services]") {
  Elsewhere elsewhere;
  ServicesProxy proxy("[services.admin]\nfollow = { pid_file = \"" +
                      elsewhere.folder().file("server.pid") + "\" }\n");
  for (const char* name : {"one", "two"}) {
    const std::string port = elsewhere.start({name, "pid"});
    await_answer(proxy, std::string(name) + " " + port);
    elsewhere.end();
  }
}

TEST_CASE("follow: of two the first is chosen, and status says why", "[services]") {
  Elsewhere elsewhere;
  const std::string port = elsewhere.start({"first"});
  Process second(
      Command{{"/usr/bin/python3", elsewhere.file(), "second"}, elsewhere.folder().path(), {}, {}});
  const std::string other =
      second.wait_for_line([](const std::string& line) { return !line.empty(); });
  ServicesProxy proxy(elsewhere.follow());
  await_answer(proxy, "first " + port);
  const std::string status = run_command(proxy, {"status", "--json"});
  CHECK_THAT(status, ContainsSubstring(port + " before " + other + " of python3"));
  CHECK_THAT(status, ContainsSubstring("it began first"));
  elsewhere.end();
  await_answer(proxy, "second " + other);
  proxy.reload(elsewhere.follow(", command = \"*server.py first*\""));
  CHECK(proxy.status("admin") == 503);
}

TEST_CASE("follow: a stable TCP port leads to wherever it is", "[services]") {
  Elsewhere elsewhere;
  const ReservedPair stable;
  ServicesProxy proxy(elsewhere.follow() + "host = \"admin.t.localhost\"\nlisten = " +
                      std::to_string(stable.number()) + "\n");
  for (const char* name : {"first", "second"}) {
    const std::string port = elsewhere.start({name});
    await_answer(proxy, std::string(name) + " " + port);
    RawClient client(stable.number());
    client.send(get("x"));
    CHECK(client.receive_final().body == std::string(name) + " " + port);
    elsewhere.end();
  }
}

TEST_CASE("follow: a command that ignores its port is followed to the one that it uses",
          "[services]") {
  const Elsewhere elsewhere;
  ServicesProxy proxy("[services.web]\ncommand = \"python3 " + elsewhere.file() + " stubborn\"\n");
  // Asked while it starts: the request waits.
  const std::string port = proxy.wait_for_event(
      [](const Json& event) { return event.value("event", "") == "output"; })["line"];
  CHECK(proxy.get("web") == "stubborn " + port);
  const Json ready = proxy.wait_for_state("web", "ready");
  CHECK(std::to_string(ready["listens_on"].get<int>()) == port);
  const std::string given = std::to_string(ready["port"].get<int>());
  const std::string words = "listens on " + port + " instead of " + given;
  CHECK(proxy.has_event([&](const Json& event) {
    return event.value("event", "") == "note" &&
           event.value("message", "") == words + ": followed there";
  }));
  CHECK_THAT(run_command(proxy, {"status"}), ContainsSubstring(words));
  CHECK_THAT(
      run_command(proxy, {"explain", "http://web.t.localhost:" + std::to_string(proxy.port())}),
      ContainsSubstring("it was given " + given));
}

TEST_CASE("follow: a restarted child on another port is followed, its program still runs",
          "[services]") {
  const Elsewhere elsewhere;
  elsewhere.folder().write("loop.sh",
                           "while true; do python3 " + elsewhere.file() + " again; done");
  ServicesProxy proxy("[services.web]\ncommand = \"sh " + elsewhere.folder().file("loop.sh") +
                      "\"\n");
  proxy.wait_for_state("web", "ready");
  const std::string before = proxy.get("web");
  for (const pid_t pid : processes_of(proxy.folder())) {
    if (const auto facts = process_facts(pid); facts && facts->name == "python3")
      ::kill(pid, SIGKILL);
  }
  // A request may still meet the one that dies.
  std::string after;
  wait_until([&] {
    after = proxy.get("web");
    return after.starts_with("again ");
  });
  CHECK(after != before);
}

}  // namespace devproxy
