#include "cli/explain/explanation.h"

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
  config.services = {{"web", PortTarget{port}, {}, {}},
                     {"old", RedirectTarget{"https://new.localhost"}, {}, {}}};
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
    std::optional<bool> tls;
  } rows[] = {
      {"http://Shop.Localhost.:6289/a/b?x=1#top", "shop.localhost", 6289, "/a/b", "?x=1", false},
      {"http://shop.localhost", "shop.localhost", 80, "/", "", false},
      {"shop.localhost/a", "shop.localhost", 0, "/a", "", std::nullopt},
      {"shop.localhost:81", "shop.localhost", 81, "/", "", std::nullopt},
      {"ws://shop.localhost?x", "shop.localhost", 80, "/", "?x", false},
      {"http://[::1]:6289/", "::1", 6289, "/", "", false},
      {"http://[::1]/", "::1", 80, "/", "", false},
      {"http://a/b c/\xc3\xa4", "a", 80, "/b%20c/%C3%A4", "", false},
      {"https://shop.localhost/a", "shop.localhost", 443, "/a", "", true},
      {"HTTPS://shop.localhost:6289", "shop.localhost", 6289, "/", "", true},
      {"wss://shop.localhost/hmr", "shop.localhost", 443, "/hmr", "", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.url);
    const auto asked = parse_asked_url(row.url);
    REQUIRE(asked.has_value());
    CHECK(asked->host == row.host);
    CHECK(asked->port.value_or(std::uint16_t{0}) == row.port);
    CHECK(asked->raw_path == row.path);
    CHECK(asked->query == row.query);
    CHECK(asked->tls == row.tls);
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
  const std::string text = explanation_text(explanation, {});
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
  CHECK_THAT(explanation_text(explanation, {}),
             ContainsSubstring("308 to https://new.localhost/a?b"));
}

TEST_CASE("explain: what leads nowhere says what the answer is", "[cli]") {
  const auto text = [](const char* url) { return explanation_text(explained(shop(1), url), {}); };
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

std::string https(const std::string& host, const std::string& rest) {
  return "https://" + host + ":" + std::to_string(listener()) + rest;
}

TEST_CASE("explain: https says so to the service", "[cli]") {
  const ReservedPort port;
  const Explanation explanation = explained(shop(port.number()), https("shop.localhost", "/x"));
  const std::string text = explanation_text(explanation, {});
  CHECK_THAT(text, ContainsSubstring("GET https://shop.localhost:"));
  CHECK_THAT(text, ContainsSubstring("certificate  by the local CA, for shop.localhost and "
                                     "*.shop.localhost\n"));
  CHECK_THAT(text, ContainsSubstring("X-Forwarded-Proto: https\n"));
  CHECK_THAT(text, ContainsSubstring(";proto=https\n"));
  CHECK(explanation.exit() == ExitCode::not_running);
  CHECK_THAT(explanation_text(explained(shop(port.number()), url_of("shop.localhost", "/x")), {}),
             !ContainsSubstring("certificate"));
}

TEST_CASE("explain: a URL without scheme is asked for as the table prints it", "[cli]") {
  Config config = shop(1);
  const auto url = [&](const std::string& asked) { return explained(config, asked).url; };
  const std::string port = ":" + std::to_string(listener());
  CHECK(url("shop.localhost/a") == "https://shop.localhost" + port + "/a");
  CHECK(url("shop.localhost" + port) == "https://shop.localhost" + port + "/");
  CHECK(url("shop.localhost:80/a") == "http://shop.localhost/a");
  CHECK(url("shop.example") == "http://shop.example" + port + "/");
  config.proxy.listen[0].only = ListenOnly::plain;
  CHECK(url("shop.localhost" + port) == "http://shop.localhost" + port + "/");
  config.proxy.listen[0].only = ListenOnly::any;
  config.proxy.https = HttpsMode::off;
  CHECK(url("shop.localhost/a") == "http://shop.localhost" + port + "/a");
}

TEST_CASE("explain: which certificate a name gets", "[cli]") {
  Config config = shop(1);
  config.routes.push_back(route("web", {"shop.example"}));
  const auto line = [&](const std::string& host) {
    const Explanation explanation = explained(config, https(host, "/"));
    const std::string text = explanation_text(explanation, {});
    const std::size_t begin = text.find("certificate  ") + 13;
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  const std::string loopback = "by the local CA, for 127.0.0.1, ::1, localhost only";
  CHECK(line("localhost") == loopback);
  CHECK(line("[::1]") == loopback);
  CHECK(line("nope.localhost") == loopback + ": no route names nope.localhost");
  CHECK(line("shop.example") ==
        loopback +
            ": shop.example lies outside domains (localhost, test): add it there and make the CA "
            "anew (docs/https.md), give its service tls = { cert, key }, or use http://");
  CHECK(explained(config, https("shop.example", "/")).exit() == ExitCode::failed);

  config.proxy.tls = CertificateFiles{"/all.pem", "/all.key", {"devproxy.toml", 9, 7}};
  CHECK(line("nope.localhost") == "/all.pem  (devproxy.toml:9)");
  config.proxy.listen[0].tls = CertificateFiles{"/here.pem", "/here.key", {}};
  CHECK(line("shop.localhost") == "/here.pem");
  config.services[0].tls = CertificateFiles{"/web.pem", "/web.key", {}};
  config.routes[0].own = true;
  CHECK(line("shop.localhost") == "/web.pem");
  CHECK(line("shop.example") == "/here.pem");
}

TEST_CASE("explain: TLS that is not spoken is said", "[cli]") {
  Config config = shop(1);
  const auto told = [&] {
    const Explanation explanation = explained(config, https("shop.localhost", "/"));
    CHECK(explanation.exit() == ExitCode::failed);
    CHECK(explanation.backends.empty());
    return explanation_text(explanation, {});
  };
  config.proxy.https = HttpsMode::off;
  CHECK_THAT(told(),
             ContainsSubstring("the handshake is refused, for https is \"off\" in [proxy]"));
  config.proxy.https = HttpsMode::on;
  config.proxy.listen[0].only = ListenOnly::plain;
  CHECK_THAT(told(),
             ContainsSubstring("the handshake is refused, for this listener is only = \"plain\""));
}

TEST_CASE("explain: plain requests are sent to https where that is asked for", "[cli]") {
  Config config = shop(1);
  const std::string port = std::to_string(listener());
  SECTION("redirect, on the same port") {
    config.proxy.https = HttpsMode::redirect;
    const Explanation explanation = explained(config, url_of("shop.localhost", "/a?b"));
    CHECK(explanation.redirect == "https://shop.localhost:" + port + "/a?b");
    CHECK(explanation.exit() == ExitCode::done);
    CHECK_THAT(explanation_text(explanation, {}),
               ContainsSubstring("308 to https://shop.localhost:" + port + "/a?b"));
    CHECK(explained(config, url_of("old.localhost", "/")).redirect ==
          "https://old.localhost:" + port + "/");
    CHECK(explained(config, url_of("nope.localhost", "/")).redirect.empty());
  }
  SECTION("from a plain listener to another") {
    config.proxy.https = HttpsMode::redirect;
    config.proxy.listen[0].only = ListenOnly::plain;
    config.proxy.listen.push_back(address("127.0.0.1", 443));
    CHECK(explained(config, url_of("shop.localhost", "/")).redirect == "https://shop.localhost/");
  }
  SECTION("a listener for TLS alone") {
    config.proxy.listen[0].only = ListenOnly::tls;
    CHECK(explained(config, url_of("shop.localhost", "/")).redirect ==
          "https://shop.localhost:" + port + "/");
  }
}

TEST_CASE("explain: how a service beyond plain HTTP/1.1 is spoken to", "[cli]") {
  const ReservedPort port;
  Config config = shop(1);
  const auto text = [&](UrlScheme scheme, bool insecure, std::string ca) {
    config.services[0].target =
        UrlTarget{scheme, "127.0.0.1", port.number(), insecure, std::move(ca)};
    return explanation_text(explained(config, "shop.localhost/x"), {});
  };
  CHECK_THAT(text(UrlScheme::http, false, ""), ContainsSubstring("GET /x HTTP/1.1\n"));
  CHECK_THAT(text(UrlScheme::h2c, false, ""),
             ContainsSubstring("GET /x HTTP/2\n") &&
                 ContainsSubstring("HTTP/2 without TLS, by prior knowledge\n"));
  CHECK_THAT(text(UrlScheme::https, false, ""),
             ContainsSubstring("TLS, then HTTP/2 or HTTP/1.1 as the service offers; its "
                               "certificate verified by the system's CAs\n"));
  CHECK_THAT(text(UrlScheme::https, true, ""), ContainsSubstring("not verified (insecure)\n"));
  CHECK_THAT(text(UrlScheme::https, false, "/x/ca.pem"), ContainsSubstring("by /x/ca.pem\n"));
}

TEST_CASE("explain: the command of a service, and what a framework got", "[cli]") {
  Config config = shop(1);
  CommandTarget command;
  command.words = {"npx", "vite"};
  config.services[0].target = command;
  Explanation explanation = explained(config, url_of("shop.localhost", "/"));
  CHECK(explanation.command == "npx vite --port {port} --strictPort --host 127.0.0.1");
  CHECK(explanation.adapter ==
        "Vite ignores PORT: --port {port} --strictPort --host 127.0.0.1 is added; adapter = "
        "\"none\" leaves it out");
  CHECK(explanation.backends.empty());
  CHECK(explanation.exit() == ExitCode::not_running);

  const ReservedPort port;
  command.port = port.number();
  config.services[0].target = command;
  explanation = explained(config, url_of("shop.localhost", "/"));
  CHECK_THAT(explanation.command, ContainsSubstring("--port " + std::to_string(port.number())));
  const std::string text = explanation_text(explanation, {});
  CHECK_THAT(text, ContainsSubstring("  command      npx vite --port"));
  CHECK_THAT(text, ContainsSubstring("web does not run: devproxy up starts it"));

  command.words = {"npx", "vite", "--port", "3000"};
  config.services[0].target = command;
  CHECK(explained(config, url_of("shop.localhost", "/")).adapter ==
        "Vite: nothing is added, the command has --port already");
}

}  // namespace
}  // namespace devproxy
