#include "cli/edge/proxy_changes.h"

#include "tests/cli/configs.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("proxy changes: listeners that came, went, or take something else", "[cli]") {
  CHECK(
      listener_changes({{"127.0.0.1", 1}, {"::1", 2}, {"127.0.0.1", 3}},
                       {{"127.0.0.1", 1, ListenOnly::tls}, {"127.0.0.1", 3}, {"::1", 4}}) ==
      Lines{"~ 127.0.0.1:1 only both -> tls", "+ listening on [::1]:4", "- listening on [::1]:2"});
  CHECK(listener_changes({{"::1", 2}}, {{"::1", 2}}).empty());
}

TEST_CASE("proxy changes: settings of [proxy] are lines like those of routes", "[cli]") {
  ProxySettings before;
  before.listen = {address("127.0.0.1", 7000)};
  ProxySettings after = before;
  CHECK(settings_changes(before, after).empty());
  after.https = HttpsMode::redirect;
  after.domains = {"localhost", "shop.test"};
  after.tls = CertificateFiles{"/a.pem", "/a.key", {}};
  after.remove_hsts = false;
  after.listen[0].tls = after.tls;
  CHECK(settings_changes(before, after) ==
        Lines{"~ https on -> redirect", "~ domains localhost, test -> localhost, shop.test",
              "~ tls the local CA -> /a.pem", "~ remove_hsts on -> off",
              "~ 127.0.0.1:7000 tls the local CA -> /a.pem"});
  ProxySettings other_key = after;
  other_key.tls->key = "/b.key";
  CHECK(settings_changes(after, other_key) == Lines{"~ key of tls /a.key -> /b.key"});
}

TEST_CASE("proxy changes: TCP ports", "[cli]") {
  Config before;
  before.services = {{"db", PortTarget{54321}, {}, {}}, {"mail", UnixTarget{"/run/mail"}, {}, {}}};
  before.tcp = {{5432, "db", Milliseconds(10'000), {}}, {2525, "mail", Milliseconds(10'000), {}}};
  Config after = before;
  CHECK(tcp_changes(tcp_facts(before), tcp_facts(after)).empty());
  after.services[0].target = PortTarget{54322};
  after.tcp[1].hold = Milliseconds(500);
  after.tcp.push_back({5433, "db", Milliseconds(10'000), {}});
  CHECK(tcp_changes(tcp_facts(before), tcp_facts(after)) ==
        Lines{"~ tcp 127.0.0.1:5432 db 127.0.0.1:54321 -> db 127.0.0.1:54322",
              "~ tcp 127.0.0.1:2525 hold 10000ms -> 500ms",
              "+ tcp 127.0.0.1:5433 -> db 127.0.0.1:54322"});
  CHECK(tcp_changes(tcp_facts(after), {}) ==
        Lines{"- tcp 127.0.0.1:5432", "- tcp 127.0.0.1:2525", "- tcp 127.0.0.1:5433"});
}

TEST_CASE("proxy changes: services that are run", "[cli]") {
  CommandTarget web;
  web.words = {"npm", "run", "dev"};
  Config before;
  before.services = {
      {"web", web, {}, {}}, {"job", CommandTarget{}, {}, {}}, {"db", PortTarget{5432}, {}, {}}};
  Config after = before;
  CHECK(service_changes(before, after).empty());
  web.env = {{"LOG_LEVEL", "debug"}};
  web.restart = RestartPolicy::always;
  web.port = 4711;
  after.services = {{"web", web, {}, {}}, {"db", web, {}, {}}};
  CHECK(service_changes(before, after) ==
        Lines{"~ service web: env, restart", "+ service db: npm run dev", "- service job"});
}

}  // namespace
}  // namespace devproxy
