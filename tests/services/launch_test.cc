#include "services/launch.h"

#include <algorithm>

#include "tests/support/test.h"

namespace devproxy {
namespace {

struct Shop {
  Shop() {
    config.project = "shop";
    CommandTarget api;
    api.words = {"run -p {port}"};
    api.shell = true;
    api.dir = "/x";
    api.port = 20001;
    CommandTarget db;
    db.words = {"postgres", "-p", "{port}", "{project}/{service}/{worktree}"};
    db.port = 20002;
    config.services = {{"my-api", api, {}, {}},
                       {"db", db, {}, {}},
                       {"web", PortTarget{3000}, {}, {}},
                       {"ext", UrlTarget{UrlScheme::https, "x.test", 443, false, ""}, {}, {}},
                       {"six", UrlTarget{UrlScheme::h2c, "::1", 5000, false, ""}, {}, {}},
                       {"sock", UnixTarget{"/run/x"}, {}, {}},
                       {"old", RedirectTarget{"https://x"}, {}, {}}};
    RouteRule rule;
    rule.service = "my-api";
    rule.own = true;
    rule.hosts = {"api.shop.localhost", "shop.test", "*.shop.test"};
    config.routes.push_back(rule);
  }

  LaunchScene scene() const {
    return {config,
            {"PATH=/bin", "PORT=1", "HOME=/home/x"},
            "run1",
            "tree",
            "/state/ca.pem",
            [](const std::string& name) {
              return name == "db" ? "" : "https://" + name + ".shop.localhost:6289";
            },
            [](const std::string&, std::string_view) { return std::nullopt; }};
  }
  CommandTarget& command(std::size_t i) {
    return std::get<CommandTarget>(config.services[i].target);
  }
  Launch launch(std::size_t i) { return make_launch(config.services[i], command(i), scene()); }
  std::vector<std::string> environment(std::size_t i) {
    return make_environment(config.services[i], launch(i), scene());
  }

  Config config;
};

bool has(const std::vector<std::string>& environment, const std::string& entry) {
  return std::find(environment.begin(), environment.end(), entry) != environment.end();
}
bool names(const std::vector<std::string>& environment, const std::string& name) {
  return std::any_of(environment.begin(), environment.end(),
                     [&](const std::string& entry) { return entry.starts_with(name + "="); });
}

TEST_CASE("launch: a string goes through the shell, a list does not", "[services]") {
  Shop shop;
  CHECK(shop.launch(0).words == std::vector<std::string>{"/bin/sh", "-c", "run -p 20001"});
  CHECK(shop.launch(1).words ==
        std::vector<std::string>{"postgres", "-p", "20002", "shop/db/tree"});
}

TEST_CASE("launch: the flags of a framework stand at the end", "[services]") {
  Shop shop;
  shop.command(0).words = {"vite --open"};
  CHECK(shop.launch(0).words.back() == "vite --open --port 20001 --strictPort --host 127.0.0.1");
  shop.command(1).words = {"npx", "vite"};
  CHECK(shop.launch(1).words == std::vector<std::string>{"npx", "vite", "--port", "20002",
                                                         "--strictPort", "--host", "127.0.0.1"});
  shop.command(1).adapter = false;
  CHECK(shop.launch(1).words == std::vector<std::string>{"npx", "vite"});
}

TEST_CASE("launch: placeholders in variables", "[services]") {
  Shop shop;
  shop.command(0).env = {{"DB", "postgres://127.0.0.1:{services.db.port}/x"},
                         {"SELF", "{url} {service}"},
                         {"WEB", "{services.web.port}"},
                         {"JSON", R"({"a":{}})"}};
  const auto environment = shop.environment(0);
  CHECK(has(environment, "DB=postgres://127.0.0.1:20002/x"));
  CHECK(has(environment, "SELF=https://my-api.shop.localhost:6289 my-api"));
  CHECK(has(environment, "WEB=3000"));
  CHECK(has(environment, R"(JSON={"a":{}})"));
}

TEST_CASE("launch: what a service is told about itself", "[services]") {
  Shop shop;
  const auto environment = shop.environment(0);
  for (const char* entry :
       {"PORT=20001", "HOST=127.0.0.1", "PATH=/bin", "HOME=/home/x", "DEVPROXY_SERVICE=my-api",
        "DEVPROXY_URL=https://my-api.shop.localhost:6289", "DEVPROXY_RUN_ID=run1.my-api",
        "NODE_EXTRA_CA_CERTS=/state/ca.pem",
        "__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS=shop.test,.shop.test"}) {
    INFO(entry);
    CHECK(has(environment, entry));
  }
  CHECK(std::is_sorted(environment.begin(), environment.end()));
  CHECK_FALSE(names(shop.environment(1), "DEVPROXY_URL"));
  CHECK_FALSE(names(shop.environment(1), "__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS"));
}

TEST_CASE("launch: what a service is told about its peers", "[services]") {
  Shop shop;
  const auto environment = shop.environment(1);
  for (const char* entry :
       {"MY_API_PORT=20001", "MY_API_URL=http://127.0.0.1:20001",
        "MY_API_PUBLIC_URL=https://my-api.shop.localhost:6289", "WEB_URL=http://127.0.0.1:3000",
        "EXT_URL=https://x.test", "EXT_PORT=443", "SIX_URL=http://[::1]:5000",
        "SOCK_PUBLIC_URL=https://sock.shop.localhost:6289",
        "OLD_PUBLIC_URL=https://old.shop.localhost:6289"}) {
    INFO(entry);
    CHECK(has(environment, entry));
  }
  for (const char* name : {"DB_URL", "DB_PORT", "SOCK_URL", "SOCK_PORT", "OLD_URL"}) {
    INFO(name);
    CHECK_FALSE(names(environment, name));
  }
}

TEST_CASE("launch: the file's own variables win, but for the mark", "[services]") {
  Shop shop;
  shop.command(0).env = {
      {"A", "first"}, {"A", "second"}, {"PORT", "9"}, {"DEVPROXY_RUN_ID", "x"}, {"DB_URL", "mine"}};
  const auto environment = shop.environment(0);
  CHECK(has(environment, "A=second"));
  CHECK(has(environment, "PORT=9"));
  CHECK(has(environment, "DB_URL=mine"));
  CHECK(has(environment, "DEVPROXY_RUN_ID=run1.my-api"));
}

TEST_CASE("launch: what the user's shell says of certificates stays", "[services]") {
  Shop shop;
  LaunchScene scene = shop.scene();
  scene.environment.emplace_back("NODE_EXTRA_CA_CERTS=/own.pem");
  CHECK(has(make_environment(shop.config.services[0], shop.launch(0), scene),
            "NODE_EXTRA_CA_CERTS=/own.pem"));
  LaunchScene without = shop.scene();
  without.ca.clear();
  CHECK_FALSE(names(make_environment(shop.config.services[0], shop.launch(0), without),
                    "NODE_EXTRA_CA_CERTS"));
}

}  // namespace
}  // namespace devproxy
