#include <algorithm>

#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

TEST_CASE("load: what an https service is trusted for", "[config]") {
  const TempProject project;
  project.write("certs/ca.pem", "");
  project.write("devproxy.toml", R"(
[services.a]
url = "https://a.example.com"
insecure = true
[services.b]
url = "https://b.example.com"
ca = "certs/ca.pem"
[services.c]
url = "https://c.example.com"
ca = "${CA:-certs/../certs/ca.pem}"
insecure = "${ON:-false}"
)");
  const LoadOutcome outcome = project.load();
  const Config config = project.config();
  CHECK(std::get<UrlTarget>(config.services.at(0).target).insecure);
  for (const std::size_t i : {1U, 2U}) {
    const auto& target = std::get<UrlTarget>(config.services.at(i).target);
    CHECK_FALSE(target.insecure);
    CHECK(target.ca == project.path("certs/ca.pem"));
  }
  CHECK(std::count(outcome.files.begin(), outcome.files.end(), project.path("certs/ca.pem")) == 1);
}

TEST_CASE("load: the proxy's https, and certificates of one's own", "[config]") {
  TempProject project;
  project.environment["CERTS"] = project.path("certs");
  for (const char* name : {"certs/a.pem", "certs/a.key", "certs/both.pem"}) project.write(name, "");
  project.write("devproxy.toml", R"(
[services.web]
host = ["shop.localhost", "*.shop.localhost"]
port = 3000
tls = { cert = "certs/a.pem", key = "${CERTS}/a.key" }

[[routes]]
host = "more.localhost"
service = "web"

[proxy]
https = "redirect"
domains = ["Shop.example.com", "localhost"]
tls = { cert = "certs/both.pem", key = "./certs/both.pem" }
remove_hsts = false
listen = [
  "127.0.0.1:7000",
  { addr = "127.0.0.1:7001", only = "tls", tls = { cert = "certs/a.pem", key = "certs/a.key" } },
  { addr = "[::1]:7002", only = "plain" },
]
)");
  const Config config = project.config();
  const auto& web = config.services.at(0).tls;
  REQUIRE(web.has_value());
  CHECK(web->cert == project.path("certs/a.pem"));
  CHECK(web->key == project.path("certs/a.key"));
  CHECK(web->at.line == 5);
  CHECK(web->at.column == 7);
  CHECK(config.routes.at(0).own);
  CHECK_FALSE(config.routes.at(1).own);

  const ProxySettings& proxy = config.proxy;
  CHECK(proxy.https == HttpsMode::redirect);
  CHECK(proxy.domains == std::vector<std::string>{"shop.example.com", "localhost"});
  REQUIRE(proxy.tls.has_value());
  CHECK(proxy.tls->cert == project.path("certs/both.pem"));
  CHECK(proxy.tls->key == proxy.tls->cert);
  CHECK_FALSE(proxy.remove_hsts);
  REQUIRE(proxy.listen.size() == 3);
  CHECK(proxy.listen[0].only == ListenOnly::any);
  CHECK(proxy.listen[1].only == ListenOnly::tls);
  CHECK(proxy.listen[1].tls.has_value());
  CHECK(proxy.listen[2].only == ListenOnly::plain);
  CHECK_FALSE(proxy.listen[2].tls.has_value());
}

TEST_CASE("load: certificates are watched, those that are missing too", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "[proxy]\ntls = { cert = \"a.pem\", key = \"b/a.key\" }\n");
  const LoadOutcome outcome = project.load();
  CHECK_FALSE(outcome.result);
  CHECK(outcome.files == std::vector<std::string>{
                             project.path("devproxy.toml"), project.path("devproxy.local.toml"),
                             project.path(".env"), project.path("a.pem"), project.path("b/a.key")});
}

TEST_CASE("load: domains that are one's own, or nobody's, are taken", "[config]") {
  const std::string domain =
      GENERATE("local", "internal", "lan", "home.arpa", "shop.dev", "shop.co.uk", "a-b.c.d.example",
               "me.github.io", "localhost", "9.test", "xn--bcher-kva.example");
  const TempProject project;
  project.write("devproxy.toml", "[proxy]\ndomains = [\"" + domain + "\"]\n");
  CHECK(project.config().proxy.domains == std::vector<std::string>{domain});
}

TEST_CASE("load: https off or plain listeners need not agree with the rest", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", R"(
[services.old]
redirect = "https://old.shop.localhost:6289"
[proxy]
https = "off"
)");
  CHECK(project.problems().empty());
  project.write("devproxy.toml", R"(
[proxy]
https = "redirect"
listen = [{ addr = "127.0.0.1:80", only = "plain" }, { addr = "127.0.0.1:443", only = "tls" }]
)");
  CHECK(project.problems().empty());
}

}  // namespace
}  // namespace devproxy
