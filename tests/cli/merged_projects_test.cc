// Several projects as one configuration: see docs/projects.md, "Settings of [proxy]".
#include "cli/attach/merged_projects.h"

#include "cli/edge/left_out.h"
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

/// shop and its worktree fix-ui, which was asked for web alone.
struct Checkouts {
  Config main = project("shop", "shop.localhost");
  Config fix = project("shop", "shop-fix-ui.localhost");

  Checkouts() {
    for (Config* const config : {&main, &fix}) {
      config->services.push_back({"api", PortTarget{4001}, std::nullopt, {}});
      RouteRule rule;
      rule.service = "api";
      rule.hosts = {"api." + config->routes[0].hosts[0]};
      rule.service_when = {{WhenIn::cookie, "a", {}, "api", HostHeader::preserve, {}}};
      config->routes.push_back(rule);
      config->worktree.family = "/x/shop";
    }
    main.tcp.clear();
    fix.tcp[0].service = "api";
    fix.worktree.label = "fix-ui";
    fix.services[0].target = PortTarget{5000};
    fix.services[1].target = PortTarget{5001};
    fix.services[1].left_out = true;
  }
  Config merged() const {
    return merge_projects({{"shop", &main, false}, {"shop-2", &fix, false}}, true);
  }
  bool falls_back() const {
    const Config all = merged();
    const Service& api = all.services.back();
    REQUIRE(api.name == "shop-2/api");
    CHECK(api.fallback == (std::get<PortTarget>(api.target).port == 4001 ? "shop/api" : ""));
    CHECK(all.tcp.size() == (api.fallback.empty() ? 1 : 0));
    return !api.fallback.empty();
  }
};

TEST_CASE("merged: what a worktree leaves out, the main checkout answers", "[cli]") {
  Checkouts both;
  CHECK(both.falls_back());
  const Config all = both.merged();
  CHECK(all.services[2].name == "shop-2/web");
  CHECK(std::get<PortTarget>(all.services[2].target).port == 5000);
  CHECK(all.routes.back().service == "shop-2/api");
  CHECK(all.routes.back().host_header == HostHeader::preserve);
  CHECK(all.services[1].fallback.empty());

  SECTION("not what it runs") {
    both.fix.services[1].left_out = false;
    CHECK_FALSE(both.falls_back());
  }
  SECTION("not what is left out there too, or only redirects") {
    both.main.services[1].left_out = true;
    CHECK_FALSE(both.falls_back());
    both.main.services[1].left_out = false;
    both.main.services[1].target = RedirectTarget{"https://x.example"};
    CHECK_FALSE(both.falls_back());
  }
  SECTION("not another project's, another repository's, or another worktree's") {
    both.main.project = "blog";
    CHECK_FALSE(both.falls_back());
    both.main.project = "shop";
    both.main.worktree.family = "/y/shop";
    CHECK_FALSE(both.falls_back());
    both.main.worktree.family = "/x/shop";
    both.main.worktree.label = "other";
    CHECK_FALSE(both.falls_back());
    both.main.worktree.label.clear();
    CHECK(both.falls_back());
  }
  SECTION("the main checkout falls back to nobody") {
    both.main.services[1].left_out = true;
    both.fix.services[1].left_out = false;
    CHECK(both.merged().services[1].fallback.empty());
  }
  SECTION("one that is elsewhere gets the Host of that place") {
    both.main.services[1].target =
        UrlTarget{UrlScheme::https, "staging.example.com", 443, false, ""};
    const Config there = both.merged();
    CHECK(there.services.back().fallback == "shop/api");
    CHECK(there.routes.back().host_header == HostHeader::upstream);
    CHECK(there.routes.back().service_when[0].host_header == HostHeader::upstream);
  }
}

TEST_CASE("left out: what nobody asked for, and nothing that was asked for needs", "[cli]") {
  const auto command = [](std::vector<std::string> depends_on) {
    CommandTarget target;
    target.depends_on = std::move(depends_on);
    return target;
  };
  Config config;
  config.services = {{"web", command({"api"}), {}, {}},
                     {"api", command({"db"}), {}, {}},
                     {"db", command({}), {}, {}},
                     {"mail", command({}), {}, {}},
                     {"ide", PortTarget{1}, {}, {}}};
  const auto left_out = [&](const std::vector<std::string>& only) {
    mark_left_out(config, only);
    std::vector<std::string> names;
    for (const Service& service : config.services) {
      if (service.left_out) names.push_back(service.name);
    }
    return names;
  };
  using Names = std::vector<std::string>;
  CHECK(left_out({}).empty());
  CHECK(left_out({"web"}) == Names{"mail"});
  CHECK(left_out({"api"}) == Names{"web", "mail"});
  CHECK(left_out({"db", "mail"}) == Names{"web", "api"});
  CHECK(left_out({"ide"}) == Names{"web", "api", "db", "mail"});
}

TEST_CASE("merged: without a project nothing is served and nowhere is listened", "[cli]") {
  const Config none = merge_projects({}, true);
  CHECK(none.routes.empty());
  CHECK(none.proxy.listen.empty());
}

}  // namespace
}  // namespace devproxy
