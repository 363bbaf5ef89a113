// service_when: one origin, several services, chosen by what the request carries.
#include "base/json.h"
#include "tests/support/edge.h"
#include "tests/support/websocket.h"

namespace devproxy {
namespace {

FakeUpstream::Script named(const std::string& name) {
  return FakeUpstream::answering([name](const TextMessage& request) {
    const std::string body = name + " " + request.field("host");
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  });
}

std::string when_service(const std::string& name, const FakeUpstream& upstream,
                         const std::string& more = "") {
  return "[services." + name + "]\nhost = \"" + name + ".localhost\"\n" + upstream.target() + "\n" +
         more;
}

std::string request(const std::string& more, const std::string& path = "/") {
  return "GET " + path + " HTTP/1.1\r\nHost: web.localhost\r\nConnection: close\r\n" + more +
         "\r\n";
}

const std::string by_all =
    "service_when = [\n"
    "  { cookie = \"branch=next\", service = \"next\" },\n"
    "  { header = \"X-Branch=next\", service = \"next\" },\n"
    "  { query = \"branch=next\", service = \"next\" },\n"
    "]\n";

}  // namespace

TEST_CASE("service_when: cookie, header or query choose, on the same host", "[e2e][select]") {
  FakeUpstream web(named("web"));
  FakeUpstream next(named("next"));
  TestProxy proxy(when_service("web", web, by_all) + when_service("next", next));
  const struct {
    const char* more;
    const char* path;
    const char* body;
  } rows[] = {
      {"", "/", "web web.localhost"},
      {"Cookie: a=1; branch=next\r\n", "/", "next web.localhost"},
      {"Cookie: a=1\r\ncookie: branch=\"next\"\r\n", "/", "next web.localhost"},
      {"Cookie: branch=old\r\n", "/", "web web.localhost"},
      {"x-BRANCH: next\r\n", "/", "next web.localhost"},
      {"X-Branch: other\r\n", "/", "web web.localhost"},
      {"", "/deep/path?x=1&bran%63h=next", "next web.localhost"},
      {"", "/?branch=nextt", "web web.localhost"},
      {"", "/branch=next", "web web.localhost"},
  };
  for (const auto& row : rows) {
    INFO(row.more << row.path);
    const TextMessage response = proxy.ask(request(row.more, row.path));
    CHECK(response.body == row.body);
    // What a browser keeps of one must not be shown for the other.
    CHECK(response.field("vary") == "Cookie, x-branch");
  }
  CHECK_FALSE(proxy.ask(get("next.localhost")).has("vary"));
}

TEST_CASE("service_when: one connection goes from one service to the other", "[e2e][select]") {
  FakeUpstream web(named("web"));
  FakeUpstream next(named("next"));
  TestProxy proxy(when_service("web", web, by_all) + when_service("next", next));
  RawClient client(proxy.port());
  for (int i = 0; i < 3; ++i) {
    CHECK(client.ask("GET / HTTP/1.1\r\nHost: web.localhost\r\nCookie: branch=next\r\n\r\n").body ==
          "next web.localhost");
    CHECK(client.ask("GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n").body == "web web.localhost");
  }
  CHECK(web.connections() == 1);
  CHECK(next.connections() == 1);
}

TEST_CASE("service_when: WebSockets are chosen like requests", "[e2e][select]") {
  FakeUpstream web(named("web"));
  FakeUpstream next(echo_websocket);
  TestProxy proxy(when_service("web", web, by_all) + when_service("next", next));
  const auto [path, more] = GENERATE(table<std::string, std::string>(
      {{"/ws", "Cookie: branch=next\r\n"}, {"/ws?branch=next", ""}}));
  RawClient client(proxy.port());
  client.send(websocket_request("web.localhost", path, more));
  CHECK(client.receive_head().status() == 101);
  client.send(websocket_frame("hello", true));
  CHECK(receive_websocket_frame(client) == "hello");
}

TEST_CASE("service_when: one that does not run is named itself, the other goes on",
          "[e2e][select]") {
  FakeUpstream web(named("web"));
  FakeUpstream next(named("next"), FakeUpstream::Place::v4, false);
  TestProxy proxy(when_service("web", web, by_all) + when_service("next", next));
  const TextMessage down = proxy.ask(request("Cookie: branch=next\r\n"));
  CHECK(down.status() == 503);
  CHECK_THAT(down.body, ContainsSubstring("next is not running"));
  CHECK(proxy.ask(request("")).body == "web web.localhost");
}

TEST_CASE("service_when: a redirect may be chosen, and another service another Host",
          "[e2e][select]") {
  FakeUpstream web(named("web"));
  TestProxy proxy(when_service("web", web,
                               "service_when = [{ cookie = \"old\", service = \"old\" },"
                               " { query = \"far\", service = \"far\" }]\n") +
                  "[services.old]\nredirect = \"https://old.example\"\n[services.far]\n" +
                  "url = \"http://far.invalid:81\"\n");
  const TextMessage moved = proxy.ask(request("Cookie: old=1\r\n", "/x?y"));
  CHECK(moved.status() == 308);
  CHECK(moved.field("location") == "https://old.example/x?y");
  CHECK(moved.field("vary") == "Cookie");
  CHECK_THAT(proxy.ask(request("", "/?far")).body, ContainsSubstring("far.invalid"));
}

TEST_CASE("service_when: a reload changes it, and says so", "[e2e][select]") {
  FakeUpstream web(named("web"));
  FakeUpstream next(named("next"));
  TestProxy proxy(when_service("web", web) + when_service("next", next));
  CHECK(proxy.ask(request("Cookie: branch=next\r\n")).body == "web web.localhost");
  const std::size_t from = proxy.mark();
  proxy.write_config(proxy.config_text(
      when_service("web", web,
                   "service_when = { cookie = \"branch=next\", service = \"next\" }\n") +
      when_service("next", next)));
  CHECK_THAT(proxy.wait_for_reload(from),
             ContainsSubstring("~ web.localhost service_when none -> cookie branch=next: next"));
  CHECK(proxy.ask(request("Cookie: branch=next\r\n")).body == "next web.localhost");
}

TEST_CASE("service_when: routes, check and explain tell of it", "[e2e][select]") {
  FakeUpstream web(named("web"));
  FakeUpstream next(named("next"));
  TestProxy proxy(when_service("web", web, by_all) + when_service("next", next));
  const auto run_there = [&](std::vector<std::string> words) {
    Command command;
    command.arguments = std::move(words);
    command.arguments.insert(command.arguments.begin(), DEVPROXY_BINARY);
    command.folder = proxy.folder().path();
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, proxy.folder().path());
    return devproxy::run(command).output;
  };
  CHECK_THAT(run_there({"routes"}), ContainsSubstring("next for cookie branch=next, next for "
                                                      "header x-branch=next"));
  const auto routes = parse_json(run_there({"routes", "--json"}));
  CHECK(routes["routes"][0]["service_when"][0] ==
        Json{{"cookie", "branch=next"}, {"service", "next"}});
  CHECK_THAT(run_there({"check"}),
             ContainsSubstring("service_when: web.localhost/ goes to next for query branch=next"));
  CHECK(parse_json(run_there({"check", "--json"}))["service_when"].size() == 3);

  const std::string url = "http://" + proxy.host("web.localhost") + "/?branch=old";
  const std::string text = run_there({"explain", url, "-H", "Cookie: branch=next"});
  CHECK_THAT(text, ContainsSubstring("web.localhost/ -> next :" + std::to_string(next.port())) &&
                       ContainsSubstring("cookie branch=next -> next: chosen") &&
                       ContainsSubstring("the request has no header x-branch") &&
                       ContainsSubstring("query branch is \"old\""));
  const auto explained = parse_json(run_there({"explain", url, "--json"}));
  CHECK(explained["routes"][0]["service"] == "web");
  CHECK(explained["routes"][0]["service_when"][0]["chosen"] == false);
  CHECK(explained["routes"][0]["service_when"][0]["reason"] == "the request has no cookie branch");
}

}  // namespace devproxy
