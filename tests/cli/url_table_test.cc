#include "cli/project/url_table.h"

#include "cli/project/public_urls.h"
#include "tests/cli/configs.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Config shown_shop() {
  Config config;
  config.project = "shop";
  config.services = {{"web", PortTarget{62893}, {}, {}},
                     {"api", PortTarget{4001}, {}, {}},
                     {"old", RedirectTarget{"https://shop.localhost"}, {}, {}}};
  config.routes = {route("web", {"shop.localhost"}), route("api", {"shop.localhost"}, "/api"),
                   route("old", {"*.old.localhost", "*"})};
  config.routes[1].methods = {"GET", "HEAD"};
  return config;
}

std::vector<BoundAddress> on(std::uint16_t port) {
  return {{"127.0.0.1", port}};
}

TEST_CASE("url table: a row for each host of each route, in file order", "[cli]") {
  const Config config = shown_shop();
  const auto rows = url_rows(config, on(6289), SIZE_MAX);
  REQUIRE(rows.size() == 4);
  CHECK(count_rows(config) == 4);
  CHECK(rows[0].url == "https://shop.localhost:6289");
  CHECK(rows[1].url == "https://shop.localhost:6289/api");
  CHECK(rows[1].target == ":4001");
  CHECK(rows[1].only == "GET, HEAD");
  CHECK(rows[2].url == "https://*.old.localhost:6289");
  CHECK(rows[2].target == "-> https://shop.localhost");
  CHECK(rows[3].url == "http://*:6289");
  CHECK(url_rows(config, on(6289), 2).size() == 2);
}

TEST_CASE("url table: TCP ports have rows of their own", "[cli]") {
  Config config = shown_shop();
  config.services.push_back({"db", PortTarget{54321}, {}, {}});
  config.tcp = {{5432, "db", Milliseconds(10'000), {}}};
  CHECK(url_rows(config, on(6289), SIZE_MAX).size() == 4);
  const auto rows = tcp_rows(config);
  REQUIRE(rows.size() == 1);
  CHECK(plain_table(rows) == "tcp 127.0.0.1:5432 -> db 127.0.0.1:54321\n");
  CHECK_THAT(pretty_table(rows, SIZE_MAX, false),
             ContainsSubstring("  tcp 127.0.0.1:5432  db       127.0.0.1:54321\n"));
}

std::vector<std::string> urls(const Config& config, const std::vector<BoundAddress>& listeners) {
  std::vector<std::string> list;
  for (const UrlRow& row : url_rows(config, listeners, SIZE_MAX)) list.push_back(row.url);
  return list;
}

TEST_CASE("url table: the port of the scheme is dropped from URLs", "[cli]") {
  Config config = shown_shop();
  config.routes.resize(1);
  using Urls = std::vector<std::string>;
  CHECK(urls(config, on(443)) == Urls{"https://shop.localhost"});
  CHECK(urls(config, {{"127.0.0.1", 80, ListenOnly::plain}, {"127.0.0.1", 443, ListenOnly::tls}}) ==
        Urls{"https://shop.localhost"});
  CHECK(urls(config, on(80)) == Urls{"https://shop.localhost:80"});
  CHECK(urls(config, on(0)) == Urls{"https://shop.localhost:<a free port>"});
  config.proxy.https = HttpsMode::off;
  CHECK(urls(config, on(80)) == Urls{"http://shop.localhost"});
  CHECK(urls(config, on(443)) == Urls{"http://shop.localhost:443"});
}

TEST_CASE("url table: https where TLS is spoken and the name has a certificate", "[cli]") {
  Config config;
  config.services = {{"web", PortTarget{1}, {}, {}}};
  config.routes = {route("web", {"shop.localhost", "*.shop.test", "shop.example", "*"})};
  using Urls = std::vector<std::string>;
  const Urls https_at_7000 = {"https://shop.localhost:7000", "https://*.shop.test:7000"};
  const auto and_then = [&](std::vector<std::string> more) {
    Urls all = https_at_7000;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  CHECK(urls(config, on(7000)) == and_then({"http://shop.example:7000", "http://*:7000"}));
  CHECK(url_rows(config, on(7000), 9)[0].needs_local_ca);
  CHECK_FALSE(url_rows(config, on(7000), 9)[2].needs_local_ca);

  SECTION("a domain of one's own") {
    config.proxy.domains = {"shop.example"};
    CHECK(urls(config, on(7000)) == and_then({"https://shop.example:7000", "http://*:7000"}));
  }
  SECTION("a certificate of one's own") {
    config.routes[0].own = true;
    config.services[0].tls = CertificateFiles{"/x.pem", "/x.key", {}};
    CHECK(urls(config, on(7000)) == and_then({"https://shop.example:7000", "http://*:7000"}));
    CHECK_FALSE(url_rows(config, on(7000), 9)[2].needs_local_ca);
  }
  SECTION("a certificate for all") {
    config.proxy.tls = CertificateFiles{"/x.pem", "/x.key", {}};
    CHECK(urls(config, on(7000)) == and_then({"https://shop.example:7000", "https://*:7000"}));
    CHECK_FALSE(url_rows(config, on(7000), 9)[0].needs_local_ca);
  }
  SECTION("each kind on its own listener") {
    const std::vector<BoundAddress> both = {{"127.0.0.1", 6999, ListenOnly::plain},
                                            {"127.0.0.1", 7000, ListenOnly::tls}};
    CHECK(urls(config, both) == and_then({"http://shop.example:6999", "http://*:6999"}));
  }
  SECTION("nobody gets an answer by http") {
    config.proxy.https = HttpsMode::redirect;
    CHECK(urls(config, on(7000)) == and_then({"https://shop.example:7000", "https://*:7000"}));
  }
  SECTION("no listener speaks TLS") {
    CHECK(urls(config, {{"127.0.0.1", 7000, ListenOnly::plain}}).front() ==
          "http://shop.localhost:7000");
  }
}

TEST_CASE("url table: a line says that https is not trusted yet, when it matters", "[cli]") {
  Config config = shown_shop();
  int asked = 0;
  const auto answer = [&asked](bool trusted) {
    return [&asked, trusted] {
      ++asked;
      return trusted;
    };
  };
  const auto rows = url_rows(config, on(7000), SIZE_MAX);
  CHECK(trust_hint(rows, answer(false)) ==
        "https is not trusted on this machine yet: devproxy trust");
  CHECK(trust_hint(rows, answer(true)).empty());
  CHECK(asked == 2);
  CHECK(trust_hint(rows, {}).empty());
  config.proxy.https = HttpsMode::off;
  CHECK(trust_hint(url_rows(config, on(7000), SIZE_MAX), answer(false)).empty());
  CHECK(asked == 2);
}

TEST_CASE("url table: every kind of target has its form", "[cli]") {
  CHECK(target_text(PortTarget{4001}) == ":4001");
  CHECK(target_text(UnixTarget{"/run/x"}) == "unix:/run/x");
  CHECK(target_text(UrlTarget{UrlScheme::http, "example.test", 8080, false, {}}) ==
        "http://example.test:8080");
  CHECK(target_text(UrlTarget{UrlScheme::https, "::1", 443, false, {}}) == "https://[::1]");
  CHECK(target_text(UrlTarget{UrlScheme::h2c, "::1", 8080, false, {}}) == "h2c://[::1]:8080");
  CHECK(target_text(RedirectTarget{"https://a"}) == "-> https://a");
  CHECK(target_text(UnixTarget{"/run/\x1b[31m"}) == "unix:/run/\\x1b[31m");
  CommandTarget command;
  command.words = {"npm run dev"};
  CHECK(target_text(command) == "npm run dev");
  command.port = 20001;
  CHECK(target_text(command) == ":20001 npm run dev");
  command.words = {"python3", "-c", "print('a program of some length')"};
  CHECK(target_text(command) == ":20001 python3 -c print('a program o...");
}

TEST_CASE(
    "url table: the printed port is the scheme's, else a loopback listener's, else the first's",
    "[cli]") {
  CHECK(public_port({{"127.0.0.1", 6289}, {"127.0.0.1", 80}}, false) == 80);
  CHECK(public_port({{"127.0.0.1", 80}, {"127.0.0.1", 443}}, true) == 443);
  CHECK(public_port({{"0.0.0.0", 8080}, {"::1", 6289}}, true) == 6289);
  CHECK(public_port({{"0.0.0.0", 8080}}, false) == 8080);
  CHECK(public_port({{"127.0.0.1", 443, ListenOnly::plain}, {"::1", 7, ListenOnly::tls}}, true) ==
        7);
  CHECK_FALSE(public_port({{"127.0.0.1", 443, ListenOnly::plain}}, true).has_value());
  CHECK_FALSE(public_port({}, false).has_value());
}

TEST_CASE("url table: columns are aligned and fit the terminal", "[cli]") {
  const auto text = pretty_table(url_rows(shown_shop(), on(6289), 2), 80, false);
  CHECK(text ==
        "  URL                              SERVICE  TARGET\n"
        "  https://shop.localhost:6289      web      :62893\n"
        "  https://shop.localhost:6289/api  api      :4001  (only GET, HEAD)\n");
}

TEST_CASE("url table: a long URL gives way in its middle, and only on a narrow terminal", "[cli]") {
  Config config = shown_shop();
  config.routes.front().path = "/" + std::string(100, 'x') + "/end";
  const auto rows = url_rows(config, on(6289), 1);
  const std::string narrow = pretty_table(rows, 80, false);
  CHECK_THAT(narrow, ContainsSubstring("https://shop.localhost:6289/"));
  CHECK_THAT(narrow, ContainsSubstring("..."));
  CHECK_THAT(narrow, ContainsSubstring("xxx/end  web      :62893\n"));
  for (std::size_t begin = 0; begin < narrow.size();) {
    const std::size_t end = narrow.find('\n', begin);
    CHECK(end - begin <= 80);
    begin = end + 1;
  }
  CHECK_THAT(pretty_table(rows, SIZE_MAX, false), ContainsSubstring(rows.front().url));
}

TEST_CASE("url table: colours wrap the text and leave the columns alone", "[cli]") {
  const std::string text = pretty_table(url_rows(shown_shop(), on(6289), 2), 80, true);
  CHECK_THAT(text, ContainsSubstring("\x1b[36mhttps://shop.localhost:6289\x1b[0m      web"));
}

TEST_CASE("url table: the plain form says one route a line", "[cli]") {
  CHECK(plain_table(url_rows(shown_shop(), on(6289), 3)) ==
        "https://shop.localhost:6289 -> web :62893\n"
        "https://shop.localhost:6289/api -> api :4001  (only GET, HEAD)\n"
        "https://*.old.localhost:6289 old -> https://shop.localhost\n");
}

}  // namespace
}  // namespace devproxy
