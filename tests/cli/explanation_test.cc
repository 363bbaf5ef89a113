#include "cli/explanation.h"

#include "tests/cli/configs.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// Where the proxy would listen, and nobody does while the tests run.
std::uint16_t listener() {
  static const ReservedPort port;
  return port.number();
}

/// `rest` behind "http://HOST:PORT" of that listener.
std::string url_of(const std::string& host, const std::string& rest) {
  return "http://" + host + ":" + std::to_string(listener()) + rest;
}

Config shop(std::uint16_t port) {
  Config config;
  config.services = {{"web", PortTarget{port}, {}},
                     {"old", RedirectTarget{"https://new.localhost"}, {}}};
  config.routes = {route("web", {"shop.localhost"}, "/", {"devproxy.toml", 2, 1}),
                   route("web", {"shop.localhost"}, "/api", {"devproxy.toml", 5, 1}),
                   route("web", {"shop.localhost"}, "/api/admin"), route("old", {"old.localhost"})};
  config.routes[1].strip_prefix = true;
  config.routes[2].headers = {{"x-role", "admin"}};
  config.proxy.listen = {address("127.0.0.1", listener())};
  return config;
}

Explanation explained(const Config& config, const std::string& url,
                      std::vector<std::string> headers = {}) {
  auto result = explain(config, {url, "GET", std::move(headers)});
  REQUIRE(result.has_value());
  return std::move(*result);
}

TEST_CASE("explain: URLs as people write them", "[cli]") {
  const struct {
    const char* url;
    const char* host;
    int port;  // 0: not said
    const char* path;
    const char* query;
  } rows[] = {
      {"http://Shop.Localhost.:6289/a/b?x=1#top", "shop.localhost", 6289, "/a/b", "?x=1"},
      {"http://shop.localhost", "shop.localhost", 80, "/", ""},
      {"shop.localhost/a", "shop.localhost", 0, "/a", ""},
      {"shop.localhost:81", "shop.localhost", 81, "/", ""},
      {"ws://shop.localhost?x", "shop.localhost", 80, "/", "?x"},
      {"http://[::1]:6289/", "::1", 6289, "/", ""},
      {"http://[::1]/", "::1", 80, "/", ""},
      {"http://a/b c/\xc3\xa4", "a", 80, "/b%20c/%C3%A4", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.url);
    const auto asked = parse_asked_url(row.url);
    REQUIRE(asked.has_value());
    CHECK(asked->host == row.host);
    CHECK(asked->port.value_or(std::uint16_t{0}) == row.port);
    CHECK(asked->raw_path == row.path);
    CHECK(asked->query == row.query);
  }
}

TEST_CASE("explain: what is no URL is refused with the reason", "[cli]") {
  for (const char* url : {"", "http://", "http:///x", "ftp://a/", "http://a:0/", "http://a:99999/",
                          "http://a:b/", "http://a b/", "http://user@a/", "http://a\x1b/"}) {
    CAPTURE(url);
    const auto asked = parse_asked_url(url);
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().exit == ExitCode::usage);
    CHECK(asked.error().message.find('\x1b') == std::string::npos);
  }
  CHECK(parse_asked_url("https://a/").error().message == "https: not in 0.1");
}

TEST_CASE("explain: the winner, the losers and the rewritten request", "[cli]") {
  const ReservedPort port;
  const Explanation explanation =
      explained(shop(port.number()), url_of("shop.localhost", "/api//users?x=1"));
  REQUIRE(explanation.winner() != nullptr);
  CHECK(explanation.winner()->path == "/api");
  CHECK(explanation.path == "/api/users");
  CHECK(explanation.routes.size() == 3);
  for (const ExplainedRoute& route : explanation.routes) CHECK_FALSE(route.reason.empty());
  CHECK(explanation.request_line == "GET /users?x=1 HTTP/1.1");
  CHECK(explanation.port_is_ours);
  CHECK_FALSE(explanation.is_reachable());
  CHECK(explanation.exit() == ExitCode::not_running);
  const std::string text = explanation_text(explanation, false);
  CHECK_THAT(text, ContainsSubstring("shop.localhost/api -> web :"));
  CHECK_THAT(text, ContainsSubstring("(devproxy.toml:5)"));
  CHECK_THAT(text, ContainsSubstring("X-Forwarded-Prefix: /api\n"));
  CHECK_THAT(text, ContainsSubstring("nobody listens: start web"));
}

TEST_CASE("explain: header conditions are asked of the given fields", "[cli]") {
  const ReservedPort port;
  const Config config = shop(port.number());
  CHECK(explained(config, "shop.localhost/api/admin").winner()->path == "/api");
  CHECK(explained(config, "shop.localhost/api/admin", {"X-Role: admin"}).winner()->path ==
        "/api/admin");
  const auto bad = explain(config, {"shop.localhost", "GET", {"nonsense"}});
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().code == "usage.bad_header");
}

TEST_CASE("explain: unix sockets are asked too", "[cli]") {
  const TempDir folder;
  Config config = shop(1);
  config.services.front().target = UnixTarget{folder.file("s")};
  CHECK(explained(config, "shop.localhost").exit() == ExitCode::not_running);
  const Descriptor listener = listen_on_path(folder.file("s"));
  CHECK(explained(config, "shop.localhost").exit() == ExitCode::done);
  config.services.front().target = UnixTarget{std::string(500, 'x')};
  CHECK(explained(config, "shop.localhost").backends.front().why_not == "File name too long");
}

TEST_CASE("explain: a redirect tells where it leads", "[cli]") {
  const Explanation explanation = explained(shop(1), url_of("old.localhost", "/a?b"));
  CHECK(explanation.redirect == "https://new.localhost/a?b");
  CHECK(explanation.request_line.empty());
  CHECK(explanation.exit() == ExitCode::done);
  CHECK_THAT(explanation_text(explanation, false),
             ContainsSubstring("308 to https://new.localhost/a?b"));
}

TEST_CASE("explain: what leads nowhere says what the answer is", "[cli]") {
  const auto text = [](const char* url) {
    return explanation_text(explained(shop(1), url), false);
  };
  CHECK_THAT(text("nope.localhost"),
             ContainsSubstring("none: the answer is 404 with the list of routes"));
  CHECK_THAT(text("127.0.0.1"),
             ContainsSubstring("none: the answer is 404 with the list of routes"));
  CHECK_THAT(text("evil.example"), ContainsSubstring("none: the answer is an empty 421"));
  CHECK_THAT(text("shop.localhost/../../x"), ContainsSubstring("the answer is 400"));
  CHECK_THAT(text("http://shop.localhost/"), ContainsSubstring("none has port 80"));
  CHECK(explained(shop(1), "nope.localhost").exit() == ExitCode::failed);
  CHECK(explained(shop(1), "http://shop.localhost/").exit() == ExitCode::failed);
}

}  // namespace
}  // namespace devproxy
