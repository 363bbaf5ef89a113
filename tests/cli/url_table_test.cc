#include "cli/url_table.h"

#include "tests/cli/configs.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Config shop() {
  Config config;
  config.project = "shop";
  config.services = {{"web", PortTarget{62893}, {}},
                     {"api", PortTarget{4001}, {}},
                     {"old", RedirectTarget{"https://shop.localhost"}, {}}};
  config.routes = {route("web", {"shop.localhost"}), route("api", {"shop.localhost"}, "/api"),
                   route("old", {"*.old.localhost", "*"})};
  config.routes[1].methods = {"GET", "HEAD"};
  return config;
}

TEST_CASE("url table: a row for each host of each route, in file order", "[cli]") {
  const Config config = shop();
  const auto rows = url_rows(config, 6289, SIZE_MAX);
  REQUIRE(rows.size() == 4);
  CHECK(count_rows(config) == 4);
  CHECK(rows[0].url == "http://shop.localhost:6289");
  CHECK(rows[1].url == "http://shop.localhost:6289/api");
  CHECK(rows[1].target == ":4001");
  CHECK(rows[1].only == "GET, HEAD");
  CHECK(rows[2].url == "http://*.old.localhost:6289");
  CHECK(rows[2].target == "-> https://shop.localhost");
  CHECK(rows[3].url == "http://*:6289");
  CHECK(url_rows(config, 6289, 2).size() == 2);
}

TEST_CASE("url table: port 80 is dropped from URLs", "[cli]") {
  CHECK(url_rows(shop(), 80, 1).front().url == "http://shop.localhost");
}

TEST_CASE("url table: every kind of target has its form", "[cli]") {
  CHECK(target_text(PortTarget{4001}) == ":4001");
  CHECK(target_text(UnixTarget{"/run/x"}) == "unix:/run/x");
  CHECK(target_text(UrlTarget{"http", "example.test", 8080}) == "http://example.test:8080");
  CHECK(target_text(UrlTarget{"http", "::1", 8080}) == "http://[::1]:8080");
  CHECK(target_text(RedirectTarget{"https://a"}) == "-> https://a");
  CHECK(target_text(UnixTarget{"/run/\x1b[31m"}) == "unix:/run/\\x1b[31m");
}

TEST_CASE("url table: the printed port is 80, else a loopback listener's, else the first's",
          "[cli]") {
  CHECK(public_port({{"127.0.0.1", 6289}, {"127.0.0.1", 80}}) == 80);
  CHECK(public_port({{"0.0.0.0", 8080}, {"::1", 6289}}) == 6289);
  CHECK(public_port({{"0.0.0.0", 8080}}) == 8080);
  CHECK(public_port({}) == 0);
}

TEST_CASE("url table: columns are aligned and fit the terminal", "[cli]") {
  const auto text = pretty_table(url_rows(shop(), 6289, 2), 80, false);
  CHECK(text ==
        "  URL                             SERVICE  TARGET\n"
        "  http://shop.localhost:6289      web      :62893\n"
        "  http://shop.localhost:6289/api  api      :4001  (only GET, HEAD)\n");
}

TEST_CASE("url table: a long URL gives way in its middle, and only on a narrow terminal", "[cli]") {
  Config config = shop();
  config.routes.front().path = "/" + std::string(100, 'x') + "/end";
  const auto rows = url_rows(config, 6289, 1);
  const std::string narrow = pretty_table(rows, 80, false);
  CHECK_THAT(narrow, ContainsSubstring("http://shop.localhost:6289/"));
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
  const std::string text = pretty_table(url_rows(shop(), 6289, 2), 80, true);
  CHECK_THAT(text, ContainsSubstring("\x1b[36mhttp://shop.localhost:6289\x1b[0m      web"));
}

TEST_CASE("url table: the plain form says one route a line", "[cli]") {
  CHECK(plain_table(url_rows(shop(), 6289, 3)) ==
        "http://shop.localhost:6289 -> web :62893\n"
        "http://shop.localhost:6289/api -> api :4001  (only GET, HEAD)\n"
        "http://*.old.localhost:6289 old -> https://shop.localhost\n");
}

}  // namespace
}  // namespace devproxy
