// The commands that ask a running devproxy: what they print, as words and as JSON, and their exit
// codes.
#include <filesystem>
#include <tuple>

#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// It answers, and says its pid as the path's name; `bad` ends at once, `quiet` never answers.
constexpr const char* services = R"toml(
[services.web]
command = "echo web is up; exec python3 -m http.server {port} --bind 127.0.0.1"
[services.bad]
command = "echo the reason; exit 3"
restart = "never"
[services.quiet]
command = "echo quiet $$; exec sleep 1000"
[services.job]
command = "echo work done"
ready = { port = false }
[services.gone]
port = 1
[services.away]
redirect = "https://x.example"
)toml";

/// The words of a failure on stderr, or its JSON on stdout.
void check_failure(const ServicesProxy& proxy, std::vector<std::string> words, int exit,
                   const std::string& code, const std::string& part) {
  INFO(words.front() << " " << words.back());
  const Finished done = proxy.run(words);
  CHECK(done.exit.code == exit);
  CHECK(done.output.empty());
  CHECK_THAT(done.errors, ContainsSubstring("devproxy: error: "));
  CHECK_THAT(done.errors, ContainsSubstring(part));
  CHECK_THAT(done.errors, ContainsSubstring("hint: "));
  words.emplace_back("--json");
  const Finished again = proxy.run(words);
  CHECK(again.exit.code == exit);
  const Json json = parse_json(again.output + again.errors);
  REQUIRE(json.is_object());
  CHECK(json["schema"] == "devproxy.error/v1");
  CHECK(json["code"] == code);
  CHECK_THAT(json["message"].get<std::string>(), ContainsSubstring(part));
  CHECK_FALSE(json["hint"].get<std::string>().empty());
}

const Json& service_of(const Json& proxy, const std::string& name) {
  for (const Json& service : proxy["services"]) {
    if (service["name"] == name) return service;
  }
  give_up("no service " + name + " in " + json_line(proxy));
}

TEST_CASE("commands: status shows what runs, and what does not", "[services]") {
  ServicesProxy proxy(services);
  const Json web = proxy.wait_for_state("web", "ready");
  proxy.wait_for_state("bad", "failed");
  proxy.wait_for_state("job", "stopped");
  const Finished done = proxy.run({"status", "--json"});
  REQUIRE(done.exit.code == 0);
  const Json json = parse_json(done.output);
  CHECK(json["schema"] == "devproxy.status/v1");
  REQUIRE(json["proxies"].size() == 1);
  const Json& one = json["proxies"][0];
  CHECK(one["pid"] == proxy.process().pid());
  CHECK(one["project"] == "t");
  CHECK(one["file"] == proxy.folder().file("devproxy.toml"));
  CHECK(one["listeners"][0]["port"] == proxy.port());
  CHECK(one["services"].size() == 6);
  CHECK(service_of(one, "web")["reachable"] == true);
  CHECK_THAT(service_of(one, "web")["owner"].get<std::string>(),
             ContainsSubstring(std::to_string(web["pid"].get<pid_t>())));
  CHECK(service_of(one, "web")["urls"][0] ==
        "https://web.t.localhost:" + std::to_string(proxy.port()));
  CHECK(service_of(one, "bad")["reachable"] == false);
  CHECK_THAT(service_of(one, "bad")["why_not"].get<std::string>(),
             ContainsSubstring("failed: exited with code 3"));
  CHECK(service_of(one, "quiet")["why_not"] == "starting");
  CHECK(service_of(one, "job")["owner"] == "done");
  CHECK_THAT(service_of(one, "gone")["why_not"].get<std::string>(),
             ContainsSubstring("connection refused at 127.0.0.1:1"));

  const std::string words = proxy.run({"status"}).output;
  CHECK_THAT(words, ContainsSubstring("project t, pid " + std::to_string(proxy.process().pid())));
  CHECK_THAT(words, ContainsSubstring("failed: exited with code 3"));
  CHECK(words.find('\x1B') == std::string::npos);

  // A broken file is told, and what it did not change still runs.
  proxy.write_config("broken");
  proxy.wait_for_refused_reload(proxy.mark() - 1);
  const Finished broken = proxy.run({"status"});
  CHECK(broken.exit.code == 0);
  CHECK_THAT(broken.output, ContainsSubstring("the last reload changed nothing"));
  CHECK_THAT(broken.output, ContainsSubstring("devproxy check"));
  CHECK_THAT(broken.output, ContainsSubstring("failed: exited with code 3"));
}

TEST_CASE("commands: ports names what other projects run", "[services]") {
  ServicesProxy proxy(services);
  const Json web = proxy.wait_for_state("web", "ready");
  const TempDir elsewhere;
  const auto owner_of = [&](std::uint16_t port) {
    Command command = proxy.command({"ports", std::to_string(port), "--json"});
    command.folder = elsewhere.path();
    const Finished done = run(command);
    CHECK(done.exit.code == 0);
    const Json row = parse_json(done.output)["listeners"].at(0);
    return std::tuple(row["project"], row["service"], row["proxy"]);
  };
  CHECK(owner_of(web["port"].get<std::uint16_t>()) ==
        std::tuple(Json("t"), Json("web"), Json(false)));
  CHECK(owner_of(proxy.port()) == std::tuple(Json("t"), Json(), Json(true)));
}

TEST_CASE("commands: without a proxy they say so and end with 3", "[services]") {
  ServicesProxy proxy(services);
  proxy.stop();
  check_failure(proxy, {"url", "web"}, 3, "proxy.not_running", "no devproxy is running with");
  check_failure(proxy, {"logs"}, 3, "proxy.not_running", "devproxy.toml");
  check_failure(proxy, {"restart", "web"}, 3, "proxy.not_running", "devproxy.toml");
  check_failure(proxy, {"reload"}, 3, "proxy.not_running", "devproxy.toml");
  check_failure(proxy, {"wait", "--timeout", "1ms"}, 6, "wait.timed_out", "no devproxy is running");
  const Finished status = proxy.run({"status"});
  CHECK(status.exit.code == 3);
  CHECK_THAT(status.errors, ContainsSubstring("no devproxy of this user is running"));
  const Finished json = proxy.run({"status", "--json"});
  CHECK(json.exit.code == 3);
  CHECK(parse_json(json.output)["proxies"].empty());
}

TEST_CASE("commands: url prints the address of what can be reached, and of nothing else",
          "[services]") {
  ServicesProxy proxy(services);
  proxy.wait_for_state("web", "ready");
  proxy.wait_for_state("bad", "failed");
  proxy.wait_for_output("quiet", "quiet");
  const std::string url = "https://web.t.localhost:" + std::to_string(proxy.port());
  const Finished words = proxy.run({"url", "web"});
  CHECK(words.exit.code == 0);
  CHECK(words.output == url + "\n");
  const Json json = parse_json(proxy.run({"url", "web", "--json"}).output);
  CHECK(json["schema"] == "devproxy.url/v1");
  CHECK(json["service"] == "web");
  CHECK(json["url"] == url);
  CHECK(proxy.run({"url", "away"}).exit.code == 0);
  check_failure(proxy, {"url", "bad"}, 3, "service.unreachable", "exited with code 3");
  check_failure(proxy, {"url", "quiet"}, 3, "service.unreachable", "starting");
  check_failure(proxy, {"url", "gone"}, 3, "service.unreachable", "connection refused");
  check_failure(proxy, {"url", "wbe"}, 2, "service.unknown", "no service \"wbe\"");
  CHECK_THAT(proxy.run({"url", "wbe"}).errors, ContainsSubstring("did you mean \"web\"?"));
}

TEST_CASE("commands: a proxy is found by its file, whichever way that is named", "[services]") {
  ServicesProxy proxy(services);
  proxy.wait_for_state("web", "ready");
  const std::string url = "https://web.t.localhost:" + std::to_string(proxy.port()) + "\n";
  std::filesystem::create_directories(proxy.folder().file("deep/down"));
  Command below = proxy.command({"url", "web"});
  below.folder = proxy.folder().file("deep/down");
  CHECK(run(below).output == url);
  Command relative = proxy.command({"url", "web", "-c", "../../devproxy.toml"});
  relative.folder = below.folder;
  CHECK(run(relative).output == url);
  std::filesystem::create_directory_symlink(proxy.folder().path(), proxy.folder().file("link"));
  CHECK(proxy.run({"url", "web", "-c", proxy.folder().file("link/devproxy.toml")}).output == url);
}

TEST_CASE("commands: wait ends when all can be reached, when none will be, or with its time",
          "[services]") {
  ServicesProxy proxy(R"toml(
[services.slow]
command = "mkfifo go && echo made; read x < go; exec python3 -m http.server {port} --bind 127.0.0.1"
[services.bad]
command = "exit 3"
restart = "never"
[services.held]
command = "exec sleep 1000"
ready = { port = false }
depends_on = ["slow"]
)toml");
  proxy.wait_for_output("slow", "made");
  check_failure(proxy, {"wait", "slow", "--timeout", "50ms"}, 6, "wait.timed_out", "starting");
  check_failure(proxy, {"wait", "held", "--timeout", "50ms"}, 6, "wait.timed_out",
                "waiting for slow");
  check_failure(proxy, {"wait", "bad"}, 3, "wait.hopeless", "exited with code 3");
  check_failure(proxy, {"wait", "none"}, 2, "service.unknown", "none");
  Process waiting(proxy.command({"wait", "slow", "held", "--json"}));
  CHECK(waiting.is_running());
  proxy.folder().write("go", "\n");
  CHECK(waiting.wait().code == 0);
  const Json json = parse_json(waiting.output());
  CHECK(json["schema"] == "devproxy.wait/v1");
  CHECK(json["milliseconds"].is_number());
  const Finished words = proxy.run({"wait", "slow"});
  CHECK(words.exit.code == 0);
  CHECK((words.output + words.errors).empty());
}

TEST_CASE("commands: logs shows the last lines, of one or of all, and follows", "[services]") {
  ServicesProxy proxy(R"toml(
[services.talk]
command = "for i in 1 2 3 4 5; do echo line $i; done; printf '\\033[31mred\\033[0m\\n'; mkfifo in; echo open; while :; do cat in; done"
ready = { log = "open" }
[services.other]
command = "echo from the other; exec sleep 1000"
ready = { log = "other" }
)toml");
  proxy.wait_for_state("talk", "ready");
  proxy.wait_for_state("other", "ready");
  const Finished all = proxy.run({"logs"});
  CHECK(all.exit.code == 0);
  CHECK_THAT(all.output, ContainsSubstring("talk  | line 1\n"));
  CHECK_THAT(all.output, ContainsSubstring("other | from the other\n"));
  CHECK(proxy.run({"logs", "talk", "-n", "3"}).output ==
        "talk | line 5\ntalk | red\ntalk | open\n");
  CHECK(proxy.run({"logs", "talk", "-n", "0"}).output.empty());
  const Finished json = proxy.run({"logs", "other", "--json"});
  const Json line = parse_json(json.output);
  CHECK(line["schema"] == "devproxy.log/v1");
  CHECK(line["service"] == "other");
  CHECK(line["line"] == "from the other");
  CHECK(line["time"].get<std::string>().size() == std::string("2026-11-22T13:41:02.123Z").size());
  check_failure(proxy, {"logs", "none"}, 2, "service.unknown", "none");

  Process following(proxy.command({"logs", "-f", "-n", "1", "talk", "--json"}));
  following.wait_for_line(
      [](const std::string& text) { return text.find("open") != std::string::npos; });
  proxy.folder().write("in", "and more\n");
  const Json more = parse_json(following.wait_for_line(
      [](const std::string& text) { return text.find("and more") != std::string::npos; }));
  CHECK(more["service"] == "talk");
  proxy.stop();
  // There is nothing to follow any more.
  CHECK(following.wait().code == 3);
  CHECK_THAT(following.output() + following.errors(), ContainsSubstring("closed"));
}

TEST_CASE("commands: restart gives a service a new process and waits until it is ready",
          "[services]") {
  ServicesProxy proxy(services);
  const pid_t before = proxy.wait_for_state("web", "ready")["pid"].get<pid_t>();
  proxy.wait_for_state("bad", "failed");
  const Finished done = proxy.run({"restart", "web", "--json"});
  REQUIRE(done.exit.code == 0);
  const Json json = parse_json(done.output);
  CHECK(json["schema"] == "devproxy.restart/v1");
  CHECK(json["state"] == "ready");
  CHECK(json["pid"] != before);
  CHECK_FALSE(is_alive(before));
  CHECK(proxy.status("web") == 200);
  CHECK_THAT(proxy.run({"restart", "web"}).output, ContainsSubstring("web is ready after"));
  // One whose work is done does it again.
  const std::size_t mark = proxy.mark();
  CHECK(proxy.run({"restart", "job"}).exit.code == 0);
  proxy.wait_for_output("job", "work done", mark);
  check_failure(proxy, {"restart", "bad"}, 1, "service.failed", "bad exited with code 3");
  check_failure(proxy, {"restart", "gone"}, 3, "service.not_run", "does not run \"gone\"");
  check_failure(proxy, {"restart", "wbe"}, 2, "service.unknown", "wbe");
}

TEST_CASE("commands: a restart ends when a reload takes the service away", "[services]") {
  ServicesProxy proxy(R"toml(
[services.stubborn]
command = "trap '' TERM; echo set; while :; do sleep 1000; done"
ready = { log = "set" }
stop_timeout = "300ms"
)toml");
  proxy.wait_for_state("stubborn", "ready");
  Process asking(proxy.command({"restart", "stubborn"}));
  proxy.wait_for_state("stubborn", "stopping");
  proxy.reload("[services.other]\nredirect = \"https://x.example\"\n");
  CHECK(asking.wait().code == 3);
  CHECK_THAT(asking.errors(), ContainsSubstring("does not run \"stubborn\""));
}

TEST_CASE("commands: reload tells what changed, or why nothing did", "[services]") {
  ServicesProxy proxy("[services.a]\nredirect = \"https://x.example\"\n");
  CHECK(proxy.run({"reload"}).output == "reloaded; nothing changed\n");
  const Json same = parse_json(proxy.run({"reload", "--json"}).output);
  CHECK(same["schema"] == "devproxy.reload/v1");
  CHECK(same["changes"].empty());
  proxy.write_config(proxy.config_text("[services.b]\nredirect = \"https://x.example\"\n"));
  const Finished done = proxy.run({"reload"});
  CHECK(done.exit.code == 0);
  // Saving alone reloads too: whichever was first tells the change.
  CHECK(proxy.ask(get("b.t.localhost")).status() == 308);
  proxy.write_config("broken");
  check_failure(proxy, {"reload"}, 2, "config.invalid", "problem");
  CHECK(proxy.ask(get("b.t.localhost")).status() == 308);
  // What only the proxy can know.
  const ReservedPort somebody;
  const Descriptor taken = listen_on(Family::v4, somebody.number());
  ProxyProcess::Options options;
  options.listen = {"127.0.0.1:" + std::to_string(somebody.number())};
  proxy.write_config(
      "name = \"t\"\n[proxy]\nlisten = [\"127.0.0.1:" + std::to_string(somebody.number()) +
      "\"]\n" + "[services.r]\nredirect = \"https://x.example\"\n");
  check_failure(proxy, {"reload"}, 4, "listen.taken", std::to_string(somebody.number()));
}

TEST_CASE("commands: two proxies at once are both shown, and each answers for its own file",
          "[services]") {
  ServicesProxy first("[services.one]\ncommand = \"exec sleep 1000\"\nready = { port = false }\n");
  // The same user: the same runtime folder, in another project.
  const TempDir folder;
  Command command = first.command({"serve", "--json"});
  command.folder = folder.path();
  folder.write("devproxy.toml",
               "name = \"second\"\n[services.two]\ncommand = \"exec sleep 1000\"\nready = { port = "
               "false }\n[proxy]\nlisten = [\"127.0.0.1:0\"]\n");
  Process second(command);
  second.wait_for_line(
      [](const std::string& line) { return line.find("\"ready\"") != std::string::npos; });
  const Json json = parse_json(first.run({"status", "--json"}).output);
  REQUIRE(json["proxies"].size() == 2);
  CHECK(json["proxies"][0]["project"] == "t");
  CHECK(json["proxies"][1]["project"] == "second");
  CHECK(first.run({"restart", "one"}).exit.code == 0);
  CHECK(first.run({"restart", "two"}).exit.code == 2);
  Command there = first.command({"restart", "two"});
  there.folder = folder.path();
  CHECK(run(there).exit.code == 0);
  // One that was killed leaves a file that is nobody's.
  second.signal(SIGKILL);
  second.wait();
  CHECK(parse_json(first.run({"status", "--json"}).output)["proxies"].size() == 1);
  for (const auto& entry : std::filesystem::directory_iterator(first.folder().file("devproxy"))) {
    const std::string name = entry.path().filename();
    if (name.starts_with("control-"))
      CHECK(name == "control-" + std::to_string(first.process().pid()) + ".sock");
  }
}

TEST_CASE("commands: up SERVICE starts it and what it needs", "[services]") {
  ServicesProxy project("");
  project.stop();
  project.write_config(project.config_text(R"toml(
[services.db]
command = "echo db; exec sleep 1000"
ready = { log = "db" }
[services.api]
command = "echo api; exec sleep 1000"
ready = { log = "api" }
depends_on = ["db"]
[services.web]
command = "echo web; exec sleep 1000"
ready = { log = "web" }
depends_on = ["api"]
)toml"));
  Process up(project.command({"up", "api", "--json"}));
  up.wait_for_line([](const std::string& line) {
    return line.find(R"("service":"api")") != std::string::npos &&
           line.find(R"("state":"ready")") != std::string::npos;
  });
  CHECK(up.output().find(R"("event":"service","service":"web")") == std::string::npos);
  CHECK(project.run({"wait", "api", "db"}).exit.code == 0);
  check_failure(project, {"wait", "web"}, 3, "wait.hopeless", "not started");
  check_failure(project, {"logs", "web"}, 3, "service.not_run", "left out");
  // Asked for now, it is started.
  CHECK(project.run({"restart", "web"}).exit.code == 0);
  CHECK(project.run({"logs", "web"}).exit.code == 0);
  up.signal(SIGTERM);
  CHECK(up.wait().code == 0);
  const Finished unknown = project.run({"up", "wbe"});
  CHECK(unknown.exit.code == 2);
  CHECK_THAT(unknown.errors, ContainsSubstring("did you mean \"web\"?"));
}

}  // namespace
}  // namespace devproxy
