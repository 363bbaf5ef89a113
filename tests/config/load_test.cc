#include <algorithm>

#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

const RouteRule& route_to(const Config& config, std::string_view service) {
  const auto found = std::find_if(config.routes.begin(), config.routes.end(),
                                  [&](const RouteRule& route) { return route.service == service; });
  REQUIRE(found != config.routes.end());
  return *found;
}

TEST_CASE("load: an empty file has every default", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "");
  const Config config = project.config();
  CHECK(config.project == "shop");
  CHECK(config.root == project.folder());
  CHECK(config.file == project.path("devproxy.toml"));
  CHECK(config.services.empty());
  CHECK(config.routes.empty());
  REQUIRE(config.proxy.listen.size() == 2);
  CHECK(config.proxy.listen[0].host == "127.0.0.1");
  CHECK(config.proxy.listen[1].host == "::1");
  for (const ListenAddress& listener : config.proxy.listen) {
    CHECK(listener.port == 6289);
    CHECK(listener.is_default);
  }
  CHECK(config.proxy.log == LogSetting::info);
  CHECK(config.proxy.access_log == AccessLogMode::path);
  CHECK_FALSE(config.proxy.expose);
  CHECK(config.proxy.trusted_proxies.empty());
  CHECK(config.proxy.https == HttpsMode::on);
  CHECK(config.proxy.domains == std::vector<std::string>{"localhost", "test"});
  CHECK_FALSE(config.proxy.tls.has_value());
  CHECK(config.proxy.remove_hsts);
}

TEST_CASE("load: a service is also a route", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
name = "Big-Shop"
[services.web]
port = 62893

[services.api]
host = ["API.shop.localhost.", "*.api.localhost", "*"]
path = "/v1/"
strip_prefix = true
methods = ["GET", "PROPFIND"]
headers = { X-Tenant = "acme", accept = "text/html, */*" }
timeout = "250ms"
hold = 0
port = 1
)");
  const Config config = project.config();
  CHECK(config.project == "big-shop");
  REQUIRE(config.services.size() == 2);
  CHECK(config.services[0].name == "web");
  CHECK(std::get<PortTarget>(config.services[0].target).port == 62893);
  CHECK(config.services[0].at.file == "devproxy.toml");
  CHECK(config.services[0].at.line == 4);

  const RouteRule& web = route_to(config, "web");
  CHECK(web.hosts == std::vector<std::string>{"web.big-shop.localhost"});
  CHECK(web.path == "/");
  CHECK(web.methods.empty());
  CHECK(web.headers.empty());
  CHECK_FALSE(web.strip_prefix);
  CHECK_FALSE(web.timeout.has_value());
  CHECK(web.hold == Milliseconds(10'000));
  CHECK(web.host_header == HostHeader::preserve);

  const RouteRule& api = route_to(config, "api");
  CHECK(api.hosts == std::vector<std::string>{"api.shop.localhost", "*.api.localhost", "*"});
  CHECK(api.path == "/v1");
  CHECK(api.strip_prefix);
  CHECK(api.methods == std::vector<std::string>{"GET", "PROPFIND"});
  using Header = std::pair<std::string, std::string>;
  CHECK(api.headers == std::vector<Header>{{"x-tenant", "acme"}, {"accept", "text/html, */*"}});
  CHECK(api.timeout == Milliseconds(250));
  CHECK(api.hold == Milliseconds(0));
  CHECK(api.at.line == 6);
}

TEST_CASE("load: every form of url", "[config]") {
  using enum UrlScheme;
  struct Row {
    const char* url;
    UrlScheme scheme;
    const char* host;
    std::uint16_t port;
    HostHeader host_header;
  };
  const auto row = GENERATE(
      Row{"http://127.0.0.1:3000", http, "127.0.0.1", 3000, HostHeader::preserve},
      Row{"http://127.9.9.9", http, "127.9.9.9", 80, HostHeader::preserve},
      Row{"http://localhost:3000/", http, "localhost", 3000, HostHeader::preserve},
      Row{"http://a.localhost:1", http, "a.localhost", 1, HostHeader::preserve},
      Row{"http://[::1]:65535", http, "::1", 65535, HostHeader::preserve},
      Row{"http://[0::1]", http, "::1", 80, HostHeader::preserve},
      Row{"HTTP://Api_1:3000", http, "api_1", 3000, HostHeader::upstream},
      Row{"http://staging.example.com", http, "staging.example.com", 80, HostHeader::upstream},
      Row{"http://10.0.0.7:80", http, "10.0.0.7", 80, HostHeader::upstream},
      Row{"https://staging.example.com", https, "staging.example.com", 443, HostHeader::upstream},
      Row{"HTTPS://Staging.example.com:8443/", https, "staging.example.com", 8443,
          HostHeader::upstream},
      Row{"https://[::1]", https, "::1", 443, HostHeader::preserve},
      Row{"https://web.localhost:3000", https, "web.localhost", 3000, HostHeader::preserve},
      Row{"h2c://127.0.0.1:50051", h2c, "127.0.0.1", 50051, HostHeader::preserve},
      Row{"h2c://grpc.example.com", h2c, "grpc.example.com", 80, HostHeader::upstream});
  const TempProject project;
  project.write("devproxy.toml", "[services.api]\nurl = \"" + std::string(row.url) + "\"\n");
  const Config config = project.config();
  const auto& target = std::get<UrlTarget>(config.services.at(0).target);
  INFO(row.url);
  CHECK(target.scheme == row.scheme);
  CHECK_FALSE(target.insecure);
  CHECK(target.ca.empty());
  CHECK(target.host == row.host);
  CHECK(target.port == row.port);
  CHECK(config.routes.at(0).host_header == row.host_header);
}

TEST_CASE("load: sockets and redirects", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.socket]
url = "unix:/run/{project}/{service}.sock"
[services.slashes]
url = "unix:///run/web.sock"
[services.old]
redirect = "https://Shop.localhost:6289"
[services.moved]
redirect = "http://example.com/new?x=1"
[services.chosen]
url = "http://example.com"
host_header = "preserve"
)");
  const Config config = project.config();
  CHECK(std::get<UnixTarget>(config.services.at(0).target).path == "/run/shop/socket.sock");
  CHECK(std::get<UnixTarget>(config.services.at(1).target).path == "/run/web.sock");
  CHECK(std::get<RedirectTarget>(config.services.at(2).target).to == "https://Shop.localhost:6289");
  CHECK(std::get<RedirectTarget>(config.services.at(3).target).to == "http://example.com/new?x=1");
  CHECK(route_to(config, "socket").host_header == HostHeader::preserve);
  CHECK(route_to(config, "chosen").host_header == HostHeader::preserve);
}

TEST_CASE("load: [[routes]] have the hosts of their service when they name none", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[[routes]]
service = "web"
path = "/assets"

[[routes]]
service = "web"
host = "cdn.localhost"
host_header = "upstream"

[services.web]
host = ["shop.localhost", "www.shop.localhost"]
port = 3000
)");
  const Config config = project.config();
  REQUIRE(config.routes.size() == 3);
  const std::vector<std::string> hosts = {"shop.localhost", "www.shop.localhost"};
  CHECK(config.routes[0].hosts == hosts);
  CHECK(config.routes[0].path == "/assets");
  CHECK(config.routes[1].hosts == std::vector<std::string>{"cdn.localhost"});
  CHECK(config.routes[1].host_header == HostHeader::upstream);
  CHECK(config.routes[2].hosts == hosts);
  CHECK(config.routes[2].at.line == 11);
}

TEST_CASE("load: the proxy's settings", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[proxy]
listen = ["127.0.0.1:0", { addr = "[0::1]:7000" }, "0.0.0.0:7000", "[::]:7001"]
log = "warn"
access_log = "full"
expose = true
trusted_proxies = ["::1", "10.0.0.0/8", "fe80::/10", "192.168.1.1"]
)");
  const ProxySettings proxy = project.config().proxy;
  REQUIRE(proxy.listen.size() == 4);
  CHECK(proxy.listen[0].host == "127.0.0.1");
  CHECK(proxy.listen[0].port == 0);
  CHECK_FALSE(proxy.listen[0].is_default);
  CHECK(proxy.listen[1].host == "::1");
  CHECK(proxy.listen[1].port == 7000);
  CHECK(proxy.listen[1].at.line == 3);
  CHECK(proxy.listen[2].host == "0.0.0.0");
  CHECK(proxy.listen[3].host == "::");
  CHECK(proxy.log == LogSetting::warn);
  CHECK(proxy.access_log == AccessLogMode::full);
  CHECK(proxy.expose);
  CHECK(proxy.trusted_proxies ==
        std::vector<std::string>{"::1", "10.0.0.0/8", "fe80::/10", "192.168.1.1"});
}

TEST_CASE("load: one listener needs no list", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "[proxy]\nlisten = \"127.0.0.1:7000\"\naccess_log = false\n");
  const ProxySettings proxy = project.config().proxy;
  REQUIRE(proxy.listen.size() == 1);
  CHECK(proxy.listen[0].port == 7000);
  CHECK(proxy.access_log == AccessLogMode::off);
}

TEST_CASE("load: routes that overlap but can be told apart are fine", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.web]
host = "shop.localhost"
port = 3000
[[routes]]
host = "shop.localhost"
methods = ["GET", "HEAD"]
service = "web"
[[routes]]
host = "shop.localhost"
methods = ["GET", "POST"]
service = "web"
[[routes]]
host = "shop.localhost"
headers = { a = "1" }
service = "web"
[[routes]]
host = "shop.localhost"
headers = { a = "2" }
service = "web"
[[routes]]
host = ["*.shop.localhost", "*"]
service = "web"
[[routes]]
host = "shop.localhost"
path = "/api"
service = "web"
)");
  CHECK(project.config().routes.size() == 7);
}

TEST_CASE("load: what looks like a loop but is none", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.elsewhere]
url = "http://example.com:7000"
[services.second-loopback]
url = "http://127.0.0.2:7000"
[services.other-port]
port = 7001
[services.https]
host = "secure.localhost"
redirect = "https://secure.localhost:7000"
[services.any]
host = "*"
redirect = "http://shop.localhost:7000"
[services.shop]
host = "shop.localhost"
port = 3000
[services.moved]
host = "moved.localhost"
redirect = "http://moved.localhost:7000/new"
[proxy]
listen = [{ addr = "127.0.0.1:7000", only = "plain" }]
)");
  CHECK(project.config().services.size() == 7);
}

TEST_CASE("load: a broken value is not called a conflict as well", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"([services.web]
host = "shop.localhost"
port = 3000
[services.api]
host = "shop.localhost"
path = "api"
port = 4000
[services.old]
host = "shop.localhost"
pth = "/old"
port = 5000
)");
  const auto outcome = project.load();
  REQUIRE_FALSE(outcome.result);
  REQUIRE(outcome.result.error().size() == 2);
  CHECK(outcome.result.error()[0].code == "config.value");
  CHECK(outcome.result.error()[1].code == "config.unknown_key");
}

TEST_CASE("load: ten thousand routes, and conflicts among them, are found in one run", "[config]") {
  const TempProject project;
  std::string text = "[services.web]\nport = 3000\n";
  for (int i = 0; i < 10'000; ++i) {
    text += "[[routes]]\nservice = \"web\"\nhost = \"h" + std::to_string(i) + ".localhost\"\n";
  }
  project.write("devproxy.toml", text);
  CHECK(project.config().routes.size() == 10'001);

  text += "[[routes]]\nservice = \"web\"\nhost = \"h7000.localhost\"\n";
  project.write("devproxy.toml", text);
  CHECK_THAT(project.problems(), ContainsSubstring("devproxy.toml:21003:1"));
}

TEST_CASE("load: more listeners are added to the default ones, each once", "[config]") {
  const TempProject project;
  ListenAddress low;
  low.host = "127.0.0.1";
  low.port = 443;
  low.is_default = true;
  ListenAddress again = low;
  again.port = 6289;
  LoadRequest request = project.request();
  request.more_listeners = [&] { return std::vector<ListenAddress>{low, again, low}; };
  SECTION("beside 6289") {
    project.write("devproxy.toml", "");
    const LoadOutcome outcome = load(request);
    REQUIRE(outcome.result);
    REQUIRE(outcome.result->proxy.listen.size() == 3);
    CHECK(outcome.result->proxy.listen[2].port == 443);
  }
  SECTION("never where the file says listen") {
    project.write("devproxy.toml", "[proxy]\nlisten = \"127.0.0.1:7000\"\n");
    const LoadOutcome outcome = load(request);
    REQUIRE(outcome.result);
    CHECK(outcome.result->proxy.listen.size() == 1);
  }
  SECTION("and a service there is the proxy itself") {
    project.write("devproxy.toml", "[services.a]\nport = 443\n");
    const LoadOutcome outcome = load(request);
    REQUIRE_FALSE(outcome.result);
    CHECK_THAT(outcome.result.error().at(0).message,
               ContainsSubstring("is the proxy itself: it listens on 127.0.0.1:443 by default"));
  }
  SECTION("beyond loopback only with expose") {
    low.host = "0.0.0.0";
    project.write("devproxy.toml", "");
    const LoadOutcome refused = load(request);
    REQUIRE_FALSE(refused.result);
    CHECK(refused.result.error().at(0).code == "config.expose");
    CHECK_THAT(refused.result.error().at(0).message, ContainsSubstring("0.0.0.0:443"));
    project.write("devproxy.toml", "[proxy]\nexpose = true\n");
    CHECK(load(request).result.has_value());
  }
}

}  // namespace
}  // namespace devproxy
