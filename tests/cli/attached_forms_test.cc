// What travels between an attached project and its proxy.
#include "cli/attach/claims.h"
#include "cli/attach/exchange_form.h"
#include "cli/running/project_form.h"
#include "tests/cli/configs.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Config shop() {
  Config config;
  config.project = "shop";
  config.file = "/x/devproxy.toml";
  CommandTarget command;
  command.port = 21'000;
  config.services = {{"web", command, {}, {"devproxy.toml", 3, 1}},
                     {"api", UrlTarget{UrlScheme::h2c, "::1", 50'051, false, ""}, {}, {}},
                     {"sock", UnixTarget{"/run/s"}, {}, {}},
                     {"away", RedirectTarget{"https://x.example"}, {}, {}},
                     {"own",
                      UrlTarget{UrlScheme::https, "h", 443, true, "/ca.pem"},
                      CertificateFiles{"/c.pem", "/k.pem", {}},
                      {}}};
  RouteRule rule = route("web", {"shop.localhost", "*.shop.localhost"}, "/app");
  rule.methods = {"GET", "POST"};
  rule.headers = {{"x-a", "b"}};
  rule.strip_prefix = true;
  rule.host_header = HostHeader::upstream;
  rule.timeout = Milliseconds(250);
  rule.hold = Milliseconds(0);
  rule.own = true;
  rule.at = {"devproxy.toml", 4, 2};
  rule.service_when = {{WhenIn::query, "v", "2", "api", HostHeader::preserve, {"/x/a.toml", 5, 1}},
                       {WhenIn::header, "x-a", {}, "own", {}, {"/x/a.toml", 6, 1}}};
  config.routes = {rule, route("api", {"api.localhost"})};
  config.tcp = {{5432, "sock", Milliseconds(30'000), {"devproxy.toml", 9, 1}}};
  return config;
}

TEST_CASE("attached: fallbacks travel whole, and what cannot be read is none", "[cli]") {
  FollowTarget follow;
  follow.dir = "/x/admin";
  const std::string form =
      fallbacks_form({{"api", "shop/api", PortTarget{4312}}, {"admin", "shop/admin", follow}});
  const std::vector<Fallback> read = read_fallbacks(form);
  REQUIRE(read.size() == 2);
  CHECK((read[0].service == "api" && read[0].of == "shop/api"));
  CHECK(std::get<PortTarget>(read[0].target).port == 4312);
  CHECK(std::get<FollowTarget>(read[1].target).dir == "/x/admin");
  CHECK(fallbacks_form(read) == form);
  CHECK(read_fallbacks("[]").empty());
  CHECK(read_fallbacks("{]").empty());
  CHECK(read_fallbacks(R"([{"service":"api"}])").empty());
}

TEST_CASE("attached: a project travels whole", "[cli]") {
  Config sent = shop();
  ListenAddress listen;
  listen.host = "::1";
  listen.port = 7000;
  listen.only = ListenOnly::tls;
  listen.tls = CertificateFiles{"/l.pem", "/l.key", {}};
  sent.proxy.listen = {listen};
  sent.proxy.https = HttpsMode::redirect;
  sent.proxy.access_log = AccessLogMode::off;
  sent.proxy.trusted_proxies = {"127.0.0.2"};
  sent.proxy.domains = {"localhost", "corp.test"};
  sent.proxy.remove_hsts = false;
  sent.worktree.label = "fix-ui";
  sent.worktree.family = "/x";
  sent.services[0].left_out = true;
  const std::string form = project_form(sent);
  CHECK(form.find('\n') == std::string::npos);
  const auto read = read_project(form);
  REQUIRE(read.has_value());
  CHECK(project_form(*read) == form);
  CHECK(read->project == "shop");
  CHECK(read->file == "/x/devproxy.toml");
  REQUIRE(read->services.size() == 5);
  CHECK(std::get<PortTarget>(read->services[0].target).port == 21'000);
  CHECK(std::get<UrlTarget>(read->services[1].target).scheme == UrlScheme::h2c);
  CHECK(std::get<UnixTarget>(read->services[2].target).path == "/run/s");
  CHECK(std::get<RedirectTarget>(read->services[3].target).to == "https://x.example");
  const auto& own = std::get<UrlTarget>(read->services[4].target);
  CHECK((own.scheme == UrlScheme::https && own.insecure && own.ca == "/ca.pem"));
  REQUIRE(read->services[4].tls.has_value());
  CHECK(read->services[4].tls->key == "/k.pem");
  const RouteRule& rule = read->routes.front();
  CHECK(rule.hosts == sent.routes.front().hosts);
  CHECK(rule.methods == sent.routes.front().methods);
  CHECK(rule.headers == sent.routes.front().headers);
  REQUIRE(rule.service_when.size() == 2);
  CHECK(when_text(rule.service_when[0]) == "query v=2");
  CHECK(rule.service_when[0].service == "api");
  CHECK(rule.service_when[0].host_header == HostHeader::preserve);
  CHECK(rule.service_when[0].at.line == 5);
  CHECK(when_text(rule.service_when[1]) == "header x-a");
  CHECK_FALSE(rule.service_when[1].host_header.has_value());
  CHECK((read->services[0].left_out && !read->services[1].left_out));
  CHECK((read->worktree.label == "fix-ui" && read->worktree.family == "/x"));
  CHECK((rule.strip_prefix && rule.own && rule.host_header == HostHeader::upstream));
  CHECK(rule.timeout == Milliseconds(250));
  CHECK(rule.hold == Milliseconds(0));
  CHECK((rule.at.file.ends_with("/devproxy.toml") && rule.at.line == 4));
  CHECK_FALSE(read->routes[1].timeout.has_value());
  const ProxySettings& settings = read->proxy;
  REQUIRE(settings.listen.size() == 1);
  CHECK((settings.listen[0].host == "::1" && settings.listen[0].port == 7000 &&
         settings.listen[0].only == ListenOnly::tls && !settings.listen[0].is_default));
  CHECK(settings.listen[0].tls->key == "/l.key");
  CHECK((settings.https == HttpsMode::redirect && settings.access_log == AccessLogMode::off));
  CHECK((settings.trusted_proxies == sent.proxy.trusted_proxies && !settings.expose));
  CHECK((settings.domains == sent.proxy.domains && !settings.remove_hsts));
  REQUIRE(read->tcp.size() == 1);
  CHECK((read->tcp[0].port == 5432 && read->tcp[0].hold == Milliseconds(30'000)));
}

TEST_CASE("attached: what is no whole project is refused", "[cli]") {
  const std::string whole = project_form(shop());
  CHECK_FALSE(read_project("").has_value());
  CHECK_FALSE(read_project("[]").has_value());
  CHECK_FALSE(read_project("{}").has_value());
  CHECK_FALSE(read_project(whole.substr(0, whole.size() - 1)).has_value());
  const auto changed = [&whole](const std::string& from, const std::string& to) {
    std::string text = whole;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return read_project(text.replace(at, from.size(), to)).has_value();
  };
  CHECK(changed("\"x-a\"", "\"x-b\""));
  CHECK_FALSE(changed("\"project\":\"shop\"", "\"project\":\"\""));
  CHECK_FALSE(changed("\"name\":\"web\"", "\"name\":\"api\""));
  CHECK_FALSE(changed("\"service\":\"web\"", "\"service\":\"nobody\""));
  CHECK_FALSE(changed("[\"api.localhost\"]", "[]"));
  CHECK_FALSE(changed("\"path\":\"/app\"", "\"path\":\"app\""));
  CHECK_FALSE(changed("\"port\":5432", "\"port\":0"));
  CHECK_FALSE(changed("\"port\":5432", "\"port\":\"x\""));
}

TEST_CASE("attached: what two projects claim is found", "[cli]") {
  const Config first = shop();
  Config second;
  second.project = "blog";
  second.services = {{"site", PortTarget{1}, {}, {}}};
  second.routes = {route("site", {"blog.localhost", "shop.localhost"}, "/app")};
  CHECK_FALSE(common_claim(first, second).has_value());  // the other one has conditions
  second.routes.push_back(route("site", {"x.localhost", "api.localhost"}));
  second.routes.back().at = {"b.toml", 7, 1};
  auto claim = common_claim(first, second);
  REQUIRE(claim.has_value());
  CHECK(claim->what == "api.localhost");
  CHECK(claim->second.line == 7);
  second.routes.back() = first.routes.front();
  claim = common_claim(first, second);
  REQUIRE(claim.has_value());
  CHECK(claim->what == "shop.localhost/app");
  CHECK(claim->first.line == 4);
  second.routes.pop_back();
  second.tcp = {{5432, "site", Milliseconds(0), {"b.toml", 8, 1}}};
  claim = common_claim(first, second);
  REQUIRE(claim.has_value());
  CHECK(claim->what == "TCP port 5432");
}

TEST_CASE("attached: a request travels to whoever answered it", "[cli]") {
  ExchangeRecord sent;
  sent.began = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'795'354'634'123));
  sent.method = "GET";
  sent.host = "shop.localhost";
  sent.target = "/a?b=\xff\n";
  sent.status = 204;
  sent.took = std::chrono::microseconds(1'500);
  sent.service = "web";
  sent.protocol = "HTTP/2";
  sent.bytes_in = 3;
  sent.bytes_out = 1ULL << 40U;
  sent.note = "why";
  int seen = 0;
  CHECK(read_exchange(exchange_event(sent), [&](const ExchangeRecord& read) {
    ++seen;
    CHECK(read.began == sent.began);
    CHECK(read.method == "GET");
    CHECK(read.host == "shop.localhost");
    CHECK(read.target == "/a?b=\xEF\xBF\xBD\n");
    CHECK(read.status == 204);
    CHECK(read.took == sent.took);
    CHECK(read.service == "web");
    CHECK(read.protocol == "HTTP/2");
    CHECK((read.bytes_in == 3 && read.bytes_out == 1ULL << 40U));
    CHECK(read.note == "why");
  }));
  CHECK(seen == 1);
  CHECK_FALSE(read_exchange("{\"listening\":{}}", [](const ExchangeRecord&) {}));
  CHECK_FALSE(read_exchange("no json", [](const ExchangeRecord&) {}));
}

}  // namespace
}  // namespace devproxy
