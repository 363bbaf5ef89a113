// The history of a running project and the way back: what counts is what was rolled back to, until
// the file changes; services whose definition is another one are restarted, the others go on, and
// so does what runs.
#include "tests/services/program.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

std::string redirect(const std::string& to) {
  return "[services.old]\nredirect = \"https://" + to + ".example\"\n";
}

/// `word` stands in its environment; what it prints tells that it was started.
std::string service(const std::string& name, const std::string& word) {
  return "[services." + name + "]\ncommand = \"echo " + name +
         " has $WORD; exec python3 -m http.server {port} --bind 127.0.0.1\"\nenv = { WORD = \"" +
         word + "\" }\n";
}

std::string location(const ServicesProxy& proxy) {
  return proxy.ask(get("old.t.localhost")).field("Location");
}

Json rollback(ServicesProxy& proxy, std::vector<std::string> words = {}) {
  words.insert(words.begin(), {"rollback", "--json"});
  const std::size_t from = proxy.mark();
  const Finished done = proxy.run(words);
  INFO(done.output << done.errors);
  REQUIRE(done.exit.code == 0);
  proxy.wait_for_event(
      [](const Json& event) {
        return event.value("event", "") == "reload" && event.value("cause", "") == "rollback";
      },
      from);
  return parse_json(done.output);
}

Json history(const ServicesProxy& proxy) {
  const Finished done = proxy.run({"history", "--json"});
  REQUIRE(done.exit.code == 0);
  const Json json = parse_json(done.output);
  CHECK(json["schema"] == "devproxy.history/v1");
  REQUIRE(json["projects"].size() == 1);
  return json["projects"][0];
}

Json status(const ServicesProxy& proxy) {
  return parse_json(proxy.run({"status", "--json"}).output)["proxies"][0];
}

void check_refused(const ServicesProxy& proxy, const std::vector<std::string>& words, int exit,
                   const std::string& code, const std::string& part) {
  std::vector<std::string> with_json = words;
  with_json.emplace_back("--json");
  const Finished done = proxy.run(with_json);
  CHECK(done.exit.code == exit);
  const Json json = parse_json(done.output + done.errors);
  REQUIRE(json.is_object());
  CHECK(json["schema"] == "devproxy.error/v1");
  CHECK(json["code"] == code);
  CHECK_THAT(json["message"].get<std::string>(), ContainsSubstring(part));
  CHECK_FALSE(json["hint"].get<std::string>().empty());
}

TEST_CASE("history: reloads are told with their cause, and rollback goes back to one",
          "[services]") {
  ServicesProxy proxy(redirect("one"));
  check_refused(proxy, {"rollback"}, 1, "history.nothing_before", "no generation before 1");
  proxy.reload(redirect("two"));
  proxy.reload(redirect("three"));
  CHECK(location(proxy) == "https://three.example/");

  const Json back = rollback(proxy);
  CHECK(back["schema"] == "devproxy.rollback/v1");
  CHECK(back["generation"] == 2);
  CHECK(back["runs_file"] == false);
  REQUIRE(back["changes"].size() == 1);
  CHECK_THAT(back["changes"][0].get<std::string>(),
             ContainsSubstring("three.example") && ContainsSubstring("-> redirect to https://two"));
  CHECK(location(proxy) == "https://two.example/");
  CHECK(rollback(proxy)["generation"] == 1);
  CHECK(location(proxy) == "https://one.example/");

  const Json told = history(proxy);
  CHECK(told["generation"] == 1);
  CHECK(told["rolled_back"] == true);
  std::vector<std::string> causes;
  for (const Json& entry : told["entries"]) causes.push_back(entry["cause"]);
  REQUIRE(causes.size() == 5);
  CHECK(causes[0] == "start");
  CHECK(causes[1] == "file");
  CHECK(causes[2] == "file");
  CHECK(causes[4] == "rollback");
  CHECK_THAT(proxy.run({"history"}).output,
             ContainsSubstring("*   1  ") && ContainsSubstring("devproxy rollback to 1"));
  CHECK(parse_json(proxy.run({"history", "--all", "--json"}).output)["projects"][0] == told);

  // What is shown is what counts.
  CHECK(status(proxy)["generation"] == 1);
  CHECK(status(proxy)["rolled_back"] == true);
  CHECK_THAT(proxy.run({"status"}).output,
             ContainsSubstring("runs generation 1 of ") && ContainsSubstring("not the file"));
  CHECK_THAT(proxy.run({"routes"}).output,
             ContainsSubstring("one.example") && ContainsSubstring("runs generation 1 of "));

  check_refused(proxy, {"rollback", "9"}, 2, "history.unknown_generation", "known are: 1 to 3");
  check_refused(proxy, {"rollback", "0"}, 2, "history.unknown_generation", "no generation 0");
  check_refused(proxy, {"rollback", "newest"}, 2, "usage.wrong", "\"newest\" is no generation");
  CHECK(rollback(proxy, {"3"})["runs_file"] == true);
  CHECK(location(proxy) == "https://three.example/");
  CHECK(status(proxy)["rolled_back"] == false);
  CHECK(rollback(proxy, {"3"})["changes"].empty());
}

TEST_CASE("history: a change of the file counts again after a rollback, and so does reload",
          "[services]") {
  ServicesProxy proxy(redirect("one"));
  proxy.reload(redirect("two"));
  rollback(proxy);
  REQUIRE(location(proxy) == "https://one.example/");
  SECTION("a change") {
    proxy.reload(redirect("three"));
    CHECK(location(proxy) == "https://three.example/");
    CHECK(history(proxy)["generation"] == 3);
    CHECK(rollback(proxy)["generation"] == 2);
    CHECK(location(proxy) == "https://two.example/");
  }
  SECTION("devproxy reload") {
    CHECK_THAT(proxy.run({"reload"}).output, ContainsSubstring("-> redirect to https://two"));
    CHECK(location(proxy) == "https://two.example/");
    CHECK(history(proxy)["rolled_back"] == false);
  }
  SECTION("SIGHUP") {
    const std::size_t from = proxy.mark();
    proxy.process().signal(SIGHUP);
    CHECK(parse_json(proxy.wait_for_reload(from))["cause"] == "signal");
    CHECK(location(proxy) == "https://two.example/");
  }
}

TEST_CASE("history: a broken file is told and can be rolled back from", "[services]") {
  ServicesProxy proxy(redirect("one"));
  proxy.reload(redirect("two"));
  const std::size_t from = proxy.mark();
  proxy.write_config("name = \"t\"\nnonsense = 1\n");
  proxy.wait_for_refused_reload(from);
  const Json entry = history(proxy)["entries"].back();
  CHECK(entry["generation"].is_null());
  CHECK_THAT(entry["refused"].get<std::string>(),
             ContainsSubstring("devproxy.toml:2:1: unknown key \"nonsense\""));
  CHECK_THAT(proxy.run({"history"}).output,
             ContainsSubstring("generation 2 stays in force until the file is mended"));
  CHECK(rollback(proxy)["generation"] == 1);
  CHECK(location(proxy) == "https://one.example/");
  proxy.reload(redirect("three"));
  CHECK(location(proxy) == "https://three.example/");
}

TEST_CASE("history: a rollback restarts what it changes, and touches nothing else", "[services]") {
  ServicesProxy proxy(service("a", "one") + service("b", "same"));
  const auto a = proxy.wait_for_state("a", "ready")["pid"].get<pid_t>();
  const auto b = proxy.wait_for_state("b", "ready")["pid"].get<pid_t>();
  std::size_t from = proxy.mark();
  proxy.reload(service("a", "two") + service("b", "same"));
  const auto second = proxy.wait_for_state("a", "ready", from)["pid"].get<pid_t>();
  CHECK(second != a);
  from = proxy.mark();
  CHECK(rollback(proxy)["changes"] == Json{"~ service a: env"});
  proxy.wait_for_output("a", "a has one", from);
  CHECK(proxy.wait_for_state("a", "ready", from)["pid"] != second);
  CHECK(is_alive(b));
  CHECK(proxy.status("b") == 200);

  // One that is gone comes back.
  from = proxy.mark();
  proxy.reload(service("b", "same"));
  proxy.wait_for_state("a", "stopped", from);
  from = proxy.mark();
  CHECK(rollback(proxy, {"2"})["generation"] == 2);
  proxy.wait_for_output("a", "a has two", from);
  proxy.wait_for_state("a", "ready", from);
  CHECK(proxy.status("a") == 200);
  CHECK(is_alive(b));
}

// ---- Carried by the shared proxy ---------------------------------------------------------------

/// A project of a user's that `up` attaches.
class Attached {
 public:
  Attached(const TempDir& home, std::uint16_t port, const std::string& name)
      : home_(home), port_(port), name_(name) {}

  void write(const std::string& routes) {
    folder_.replace("devproxy.toml", "name = \"" + name_ + "\"\n[proxy]\nlisten = \"127.0.0.1:" +
                                         std::to_string(port_) + "\"\n" + routes);
  }
  void up() {
    process_ = std::make_unique<Process>(command({"up", "--json"}));
    wait_for(R"("event":"listening")");
  }
  std::string wait_for(const std::string& part, std::size_t from = 0) {
    return process_->wait_for_line(
        [&](const std::string& line) { return line.find(part) != std::string::npos; }, from);
  }
  Json reload(const std::string& routes) {
    const std::size_t from = process_->lines();
    write(routes);
    return parse_json(wait_for(R"("event":"reload")", from));
  }
  Finished run(std::vector<std::string> words) const {
    return devproxy::run(command(std::move(words)));
  }
  std::size_t lines() const { return process_->lines(); }

 private:
  Command command(std::vector<std::string> words) const {
    words.insert(words.begin(), DEVPROXY_BINARY);
    Command command;
    command.arguments = std::move(words);
    command.folder = folder_.path();
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, home_.path());
    return command;
  }

  const TempDir& home_;
  std::uint16_t port_;
  std::string name_;
  TempDir folder_;
  std::unique_ptr<Process> process_;
};

std::string host(const std::string& name, const std::string& target) {
  return "[services." + name + "]\nhost = \"" + name + ".localhost\"\n" + target + "\n";
}

TEST_CASE("history: a rollback of an attached project disturbs no request that runs",
          "[services]") {
  Gate rolled_back;
  FakeUpstream stream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
    peer.wait_for(rolled_back);
    peer.send("later");
    peer.receive_to_end();
  });
  const TempDir home;
  const ReservedPort port;
  Attached shop(home, port.number(), "shop");
  shop.write(host("web", "redirect = \"https://one.example\""));
  shop.up();
  shop.reload(host("web", stream.target()));
  RawClient client(port.number());
  client.send(get("web.localhost"));
  client.receive_head();
  client.receive_until("first");

  const std::size_t from = shop.lines();
  const Finished done = shop.run({"rollback"});
  INFO(done.output << done.errors);
  REQUIRE(done.exit.code == 0);
  CHECK_THAT(done.output, ContainsSubstring("runs generation 1 of "));
  CHECK(parse_json(shop.wait_for(R"("event":"reload")", from))["cause"] == "rollback");
  CHECK(RawClient(port.number()).ask(get("web.localhost")).field("Location") ==
        "https://one.example/");
  rolled_back.open();
  CHECK(client.receive_exactly(5) == "later");
}

TEST_CASE("history: what another project has taken meanwhile cannot be rolled back to",
          "[services]") {
  const TempDir home;
  const ReservedPort port;
  Attached shop(home, port.number(), "shop");
  Attached blog(home, port.number(), "blog");
  const std::string admin = host("admin", "redirect = \"https://shop.example\"");
  const std::string web = host("web", "redirect = \"https://shop.example\"");
  shop.write(admin + web);
  shop.up();
  shop.reload(web);
  blog.write(host("admin", "redirect = \"https://blog.example\""));
  blog.up();
  const auto location = [&](const std::string& name) {
    return RawClient(port.number()).ask(get(name + ".localhost")).field("Location");
  };
  const Finished refused = shop.run({"rollback"});
  CHECK(refused.exit.code == 4);
  CHECK_THAT(refused.errors, ContainsSubstring("is claimed by the project blog") &&
                                 ContainsSubstring("not gone back to generation 1"));
  CHECK(location("admin") == "https://blog.example/");
  CHECK(location("web") == "https://shop.example/");
  const Json told = parse_json(shop.run({"history", "--json"}).output)["projects"][0];
  CHECK(told["generation"] == 2);
  CHECK(told["rolled_back"] == false);
  CHECK(told["entries"].back()["cause"] == "rollback");
  CHECK_THAT(told["entries"].back()["refused"].get<std::string>(), ContainsSubstring("blog"));
  // A reload is refused in the same way, by the command as well.
  shop.write(admin + web);
  CHECK(shop.run({"reload"}).exit.code == 4);
  CHECK(location("web") == "https://shop.example/");
  CHECK(parse_json(shop.run({"history", "--all", "--json"}).output)["projects"].size() == 2);
}

}  // namespace
}  // namespace devproxy
