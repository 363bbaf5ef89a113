// `devproxy doctor`, `explain` beside a running proxy, and the page about a refused connection: the
// real program.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/proxy_process.h"
#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A command of ours in a world of its own.
Command explaining_in(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), DEVPROXY_BINARY);
  Command command;
  command.arguments = std::move(arguments);
  command.folder = folder.path();
  for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
    command.environment.emplace_back(name, folder.path());
  return command;
}

Json finding(const Json& report, const std::string& code) {
  for (const Json& each : report["findings"]) {
    if (each["code"] == code) return each;
  }
  return {};
}

class Proxy final : public ProxyProcess {
 public:
  explicit Proxy(std::string_view routes, bool access_log = true)
      : ProxyProcess(DEVPROXY_BINARY, routes, options(access_log)) {}

  Json explain(const std::string& url) {
    return parse_json(run(explaining_in(folder(), {"explain", url, "--json"})).output);
  }

 private:
  static Options options(bool access_log) {
    Options options;
    options.access_log = access_log;
    return options;
  }
};

std::string get(const std::string& host) {
  return "GET /a?token=secret HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
}

}  // namespace

TEST_CASE("doctor: without a file it looks at the machine", "[cli][doctor]") {
  const TempDir folder;
  const Finished done = run(explaining_in(folder, {"doctor"}));
  CHECK_THAT(done.output, ContainsSubstring("No devproxy.toml here: this machine only"));
  CHECK_THAT(done.output, ContainsSubstring("no devproxy of this user is running"));
  CHECK(done.output.find('\x1b') == std::string::npos);
  const Json json = parse_json(run(explaining_in(folder, {"doctor", "--json"})).output);
  CHECK(json["schema"] == "devproxy.doctor/v1");
  CHECK(json["config"].is_null());
  CHECK(done.exit.code == (json["problems"] == 0 ? 0 : 1));
}

TEST_CASE("doctor: a broken file is a problem, a missing one that was named a mistake",
          "[cli][doctor]") {
  const TempDir folder;
  folder.write("devproxy.toml", "name = 5\n");
  const Finished broken = run(explaining_in(folder, {"doctor"}));
  CHECK(broken.exit.code == 1);
  CHECK_THAT(broken.output,
             ContainsSubstring("problem  file") && ContainsSubstring("mend: devproxy check"));
  CHECK(run(explaining_in(folder, {"doctor", "-c", "other.toml"})).exit.code == 2);
}

TEST_CASE("doctor: the proxy of the file is found, one on the same address is a problem",
          "[cli][doctor]") {
  Proxy proxy("[services.a]\nhost = \"a.localhost\"\nport = 1\n");
  const Json own = parse_json(run(explaining_in(proxy.folder(), {"doctor", "--json"})).output);
  CHECK_THAT(finding(own, "listeners.running")["message"].get<std::string>(),
             ContainsSubstring("(pid " + std::to_string(proxy.process().pid()) + ")"));
  CHECK(own["names"][0]["name"] == "a.localhost");
  CHECK(own["names"][0]["browsers"] == "loopback");

  proxy.folder().write("other/devproxy.toml", "name = \"other\"\n[proxy]\nlisten = [\"127.0.0.1:" +
                                                  std::to_string(proxy.port()) + "\"]\n");
  const Finished other =
      run(explaining_in(proxy.folder(), {"doctor", "-c", "other/devproxy.toml", "--json"}));
  CHECK(other.exit.code == 1);
  const Json taken = finding(parse_json(other.output), "listeners.other_proxy");
  CHECK(taken["health"] == "problem");
  CHECK_THAT(taken["mend"].get<std::string>(),
             ContainsSubstring("kill " + std::to_string(proxy.process().pid())));
}

TEST_CASE("doctor: --fix ends what a run that is gone left, and nothing else", "[cli][doctor]") {
  const TempDir folder;
  const auto sleeping = [](const std::string& runtime) {
    Command command;
    command.arguments = {"/bin/sleep", "600"};
    command.environment = {{"XDG_RUNTIME_DIR", runtime},
                           {"DEVPROXY_RUN_ID", "00000000deadbeef.web"}};
    return command;
  };
  Process left(sleeping(folder.path()));
  // Of a devproxy whose socket would be elsewhere: nobody here knows whether it lives.
  Process other(sleeping("/nowhere"));

  const Json seen = parse_json(run(explaining_in(folder, {"doctor", "--json"})).output);
  const Json stale = finding(seen, "stale.processes");
  CHECK(stale["mend"] == "kill " + std::to_string(left.pid()));
  CHECK(stale["fixable"] == true);
  CHECK(left.is_running());

  const Json fixed = parse_json(run(explaining_in(folder, {"doctor", "--fix", "--json"})).output);
  CHECK(finding(fixed, "stale.processes")["fixed"] == "ended 1 process");
  CHECK(finding(fixed, "stale.processes")["health"] == "fixed");
  CHECK(left.wait().signal == SIGTERM);
  CHECK(other.is_running());
}

TEST_CASE("doctor: --fix forgets the ports of folders that are gone", "[cli][doctor]") {
  const TempDir folder;
  folder.write("devproxy/ports", "20001 web /nowhere/at/all\n20002 web " + folder.path() + "\n");
  REQUIRE(chmod(folder.file("devproxy").c_str(), 0700) == 0);
  const Json fixed = parse_json(run(explaining_in(folder, {"doctor", "--fix", "--json"})).output);
  CHECK(finding(fixed, "stale.ports")["fixed"] == "forgot 1 port");
  CHECK(folder.read("devproxy/ports").find("20001") == std::string::npos);
  CHECK_THAT(folder.read("devproxy/ports"), ContainsSubstring("20002"));
}

TEST_CASE("explain: the last requests of a route, without their queries", "[cli][explain]") {
  FakeUpstream upstream(FakeUpstream::always(ok));
  Proxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n" +
              "[services.b]\nhost = \"b.localhost\"\n" + upstream.target() + "\n");
  REQUIRE(proxy.ask(get(proxy.host("a.localhost"))).status() == 200);
  REQUIRE(proxy.ask(get(proxy.host("b.localhost"))).status() == 200);
  const std::string url = "http://" + proxy.host("a.localhost") + "/";
  const Json json = proxy.explain(url);
  CHECK(json["running"]["pid"] == proxy.process().pid());
  CHECK(json["running"]["records_requests"] == true);
  REQUIRE(json["running"]["requests"].size() == 1);
  CHECK(json["running"]["requests"][0]["path"] == "/a");
  CHECK(json["running"]["requests"][0]["status"] == 200);
  CHECK(json["resolution"]["browsers_reach_loopback"] == true);
  CHECK(json["backends"][0]["process"]["pid"] == ::getpid());
  const std::string text = run(explaining_in(proxy.folder(), {"explain", url})).output;
  CHECK_THAT(text, ContainsSubstring("the last request did not fail"));
  CHECK(text.find("secret") == std::string::npos);
}

TEST_CASE("explain: without an access log nothing is recorded, and it says so", "[cli][explain]") {
  FakeUpstream upstream(FakeUpstream::always(ok));
  Proxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n", false);
  REQUIRE(proxy.ask(get(proxy.host("a.localhost"))).status() == 200);
  const std::string url = "http://" + proxy.host("a.localhost") + "/";
  CHECK(proxy.explain(url)["running"]["records_requests"] == false);
  CHECK_THAT(run(explaining_in(proxy.folder(), {"explain", url})).output,
             ContainsSubstring("not recorded: access_log was off"));
}

TEST_CASE("explain: the state and the last output of a service that devproxy runs",
          "[cli][explain]") {
  Proxy proxy(
      "[services.a]\nhost = \"a.localhost\"\nrestart = \"never\"\n"
      "command = [\"sh\", \"-c\", \"echo no database; exit 7\"]\n");
  proxy.process().wait_for_line([](const std::string& line) {
    return line.find("\"state\":\"failed\"") != std::string::npos;
  });
  const Json json = proxy.explain("http://" + proxy.host("a.localhost") + "/");
  const Json& service = json["running"]["service"];
  CHECK(service["state"] == "failed");
  CHECK_THAT(service["detail"].get<std::string>(), ContainsSubstring("7"));
  CHECK(service["last_lines"] == Json::array({"no database"}));
  CHECK_THAT(
      run(explaining_in(proxy.folder(), {"explain", "http://" + proxy.host("a.localhost")})).output,
      ContainsSubstring("printed") && ContainsSubstring("no database"));
}

TEST_CASE("refused: the answer tells what listens nearby instead", "[cli][nearby]") {
  const ReservedPort missing;
  Proxy proxy("[services.a]\nhost = \"a.localhost\"\nport = " + std::to_string(missing.number()) +
              "\n");
  Command server;
  server.arguments = {"/usr/bin/env", "python3", "-u", "-c",
                      "import socket,time\ns=socket.socket()\ns.bind(('127.0.0.1',0))\n"
                      "s.listen()\nprint(s.getsockname()[1],flush=True)\ntime.sleep(600)"};
  server.folder = proxy.folder().path();
  Process listener(server);
  const std::string port = listener.wait_for_line([](const std::string&) { return true; });

  // On a machine that is busy the answer does not wait for it: ask again.
  const auto ask_until = [&proxy](const std::string& request, const std::string& wanted) {
    TextMessage answer = proxy.ask(request);
    for (int i = 0; i < 100 && answer.body.find(wanted) == std::string::npos; ++i)
      answer = proxy.ask(request);
    return answer;
  };
  const TextMessage problem = ask_until(get(proxy.host("a.localhost")), "nearby");
  CHECK(problem.status() == 503);
  const Json json = parse_json(problem.body);
  REQUIRE(json["nearby"].size() == 1);
  CHECK_THAT(json["nearby"][0].get<std::string>(),
             ContainsSubstring("(pid " + std::to_string(listener.pid()) + ") on port " + port));
  const TextMessage page = ask_until(
      "GET / HTTP/1.1\r\nHost: a.localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
      "nearby");
  CHECK_THAT(page.body, ContainsSubstring("listens nearby") && ContainsSubstring("port " + port));
}

}  // namespace devproxy
