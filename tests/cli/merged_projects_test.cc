// Several projects as one configuration: see docs/projects.md, "Settings of [proxy]".
#include "cli/merged_projects.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

Config project(const std::string& name, const std::string& host) {
  Config config;
  config.project = name;
  config.proxy.listen = default_listeners();
  config.services.push_back({"web", PortTarget{4000}, std::nullopt, {}});
  RouteRule rule;
  rule.service = "web";
  rule.hosts = {host, name + ".localhost"};
  config.routes.push_back(rule);
  config.tcp.push_back({5432, "web", Milliseconds(0), {}});
  return config;
}

TEST_CASE("merged: services are told apart, listeners are united", "[cli]") {
  Config shop = project("shop", "a.localhost");
  Config blog = project("blog", "b.localhost");
  blog.tcp[0].port = 5433;
  ListenAddress own;
  own.host = "127.0.0.1";
  own.port = 7000;
  blog.proxy.listen.push_back(own);
  const Config all = merge_projects({{"shop", &shop, false}, {"blog", &blog, false}}, true);
  REQUIRE(all.services.size() == 2);
  CHECK(all.services[0].name == "shop/web");
  CHECK(plain_name(all.services[1].name) == "web");
  CHECK(all.routes[1].service == "blog/web");
  CHECK(all.tcp[1].service == "blog/web");
  CHECK(all.proxy.listen.size() == shop.proxy.listen.size() + 1);
  // In a process with a project of its own, that one says where.
  const Config own_first = merge_projects({{"", &shop, false}, {"blog", &blog, false}}, false);
  CHECK(own_first.services[0].name == "web");
  CHECK(own_first.proxy.listen.size() == shop.proxy.listen.size());
}

TEST_CASE("merged: where projects disagree the stricter holds", "[cli]") {
  Config shop = project("shop", "a.localhost");
  Config blog = project("blog", "b.localhost");
  shop.proxy.trusted_proxies = {"127.0.0.2", "127.0.0.3"};
  blog.proxy.trusted_proxies = {"127.0.0.3"};
  shop.proxy.remove_hsts = false;
  shop.proxy.https = HttpsMode::redirect;
  blog.proxy.https = HttpsMode::off;
  blog.proxy.domains = {"localhost", "corp.test"};
  blog.proxy.expose = true;
  const Config all = merge_projects({{"shop", &shop, false}, {"blog", &blog, false}}, true);
  CHECK(all.proxy.trusted_proxies == std::vector<std::string>{"127.0.0.3"});
  CHECK(all.proxy.remove_hsts);
  CHECK(all.proxy.expose);
  CHECK(all.proxy.domains == std::vector<std::string>{"localhost", "test", "corp.test"});
  CHECK(all.proxy.https == HttpsMode::on);
  CHECK(all.routes[0].to_https);
  CHECK_FALSE(all.routes[1].to_https);
  blog.proxy.https = HttpsMode::off;
  CHECK(merge_projects({{"blog", &blog, false}}, true).proxy.https == HttpsMode::off);
}

TEST_CASE("merged: what is taken by force is taken from the others alone", "[cli]") {
  Config shop = project("shop", "a.localhost");
  Config blog = project("blog", "a.localhost");
  const Config all = merge_projects({{"shop", &shop, false}, {"blog", &blog, true}}, true);
  REQUIRE(all.routes.size() == 2);
  CHECK(all.routes[0].hosts == std::vector<std::string>{"shop.localhost"});
  CHECK(all.routes[1].hosts == std::vector<std::string>{"a.localhost", "blog.localhost"});
  REQUIRE(all.tcp.size() == 1);
  CHECK(all.tcp[0].service == "blog/web");
  // Of two that force, the last.
  const Config both = merge_projects({{"shop", &shop, true}, {"blog", &blog, true}}, true);
  CHECK(both.tcp[0].service == "blog/web");
}

TEST_CASE("merged: without a project nothing is served and nowhere is listened", "[cli]") {
  const Config none = merge_projects({}, true);
  CHECK(none.routes.empty());
  CHECK(none.proxy.listen.empty());
}

}  // namespace
}  // namespace devproxy
