#include "tests/router/tables.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using Lines = std::vector<std::string>;

Lines changes(const ConfigBuilder& before, const ConfigBuilder& after) {
  return describe_changes(*before.build(), *after.build());
}

RouteRule rule(std::string service, std::string host, std::string path = "/") {
  RouteRule made;
  made.service = std::move(service);
  made.hosts = {std::move(host)};
  made.path = std::move(path);
  return made;
}

UrlTarget url(UrlScheme scheme, std::string host, std::uint16_t port) {
  UrlTarget target;
  target.scheme = scheme;
  target.host = std::move(host);
  target.port = port;
  return target;
}

TEST_CASE("changes: one line each, added and changed first, then removed", "[router]") {
  const auto before = ConfigBuilder()
                          .service("web", PortTarget{4000})
                          .service("api", PortTarget{4001})
                          .service("old", PortTarget{9})
                          .route("old", {"old.localhost"})
                          .route("web", {"shop.localhost"})
                          .route("api", {"shop.localhost"}, "/api");
  const auto after = ConfigBuilder()
                         .service("web", PortTarget{4000})
                         .service("api", PortTarget{4312})
                         .service("admin", PortTarget{7001})
                         .route("admin", {"admin.localhost"})
                         .route("web", {"shop.localhost"})
                         .route("api", {"shop.localhost"}, "/api");
  CHECK(changes(before, after) ==
        Lines{"+ admin.localhost -> :7001", "~ /api :4001 -> :4312", "- old.localhost"});
  CHECK(changes(after, before) ==
        Lines{"+ old.localhost -> :9", "~ /api :4312 -> :4001", "- admin.localhost"});
  CHECK(changes(before, before).empty());
}

TEST_CASE("changes: a path of several hosts is named with its host", "[router]") {
  const auto before = ConfigBuilder()
                          .service("a", PortTarget{1})
                          .route("a", {"x.test"}, "/api")
                          .route("a", {"x.test"}, "/own");
  const auto after = ConfigBuilder()
                         .service("a", PortTarget{2})
                         .route("a", {"x.test"}, "/api")
                         .route("a", {"x.test"}, "/own")
                         .route("a", {"y.test"}, "/api");
  CHECK(changes(before, after) ==
        Lines{"~ x.test/api :1 -> :2", "~ /own :1 -> :2", "+ y.test/api -> :2"});
}

TEST_CASE("changes: hosts of one route share a line, and each host counts for itself", "[router]") {
  const auto before =
      ConfigBuilder().service("a", PortTarget{1}).route("a", {"x.test", "y.test", "z.test"});
  const auto moved =
      ConfigBuilder().service("a", PortTarget{2}).route("a", {"x.test", "y.test", "z.test"});
  const auto fewer = ConfigBuilder().service("a", PortTarget{1}).route("a", {"x.test", "w.test"});
  CHECK(changes(before, moved) == Lines{"~ x.test, y.test, z.test :1 -> :2"});
  CHECK(changes(before, fewer) == Lines{"+ w.test -> :1", "- y.test, z.test"});
}

CommandTarget run_on(std::uint16_t port) {
  CommandTarget command;
  command.words = {"npm run dev"};
  command.port = port;
  return command;
}

TEST_CASE("changes: a command is known by its port", "[router]") {
  const auto with = [](const Target& target) {
    return ConfigBuilder().service("a", target).route("a", {"x.test"});
  };
  CommandTarget other = run_on(20001);
  other.words = {"npm start"};
  CHECK(changes(with(run_on(20001)), with(other)).empty());
  CHECK(changes(with(run_on(20001)), with(run_on(20002))) == Lines{"~ x.test :20001 -> :20002"});
  CHECK(changes(with(run_on(20001)), with(PortTarget{3000})) == Lines{"~ x.test :20001 -> :3000"});
}

TEST_CASE("changes: every kind of target is printed as its user wrote it", "[router]") {
  struct Row {
    Target target;
    const char* text;
  };
  const Row rows[] = {
      {PortTarget{62893}, ":62893"},
      {url(UrlScheme::http, "staging.example.com", 8080), "http://staging.example.com:8080"},
      {url(UrlScheme::http, "staging.example.com", 80), "http://staging.example.com"},
      {url(UrlScheme::http, "::1", 3000), "http://[::1]:3000"},
      {url(UrlScheme::https, "staging.example.com", 443), "https://staging.example.com"},
      {url(UrlScheme::https, "localhost", 80), "https://localhost:80"},
      {url(UrlScheme::h2c, "127.0.0.1", 50051), "h2c://127.0.0.1:50051"},
      {UnixTarget{"/run/app.sock"}, "unix:/run/app.sock"},
      {RedirectTarget{"https://shop.localhost:6289"}, "redirect to https://shop.localhost:6289"},
      {run_on(20001), ":20001"},
      {run_on(0), "its command"},
  };
  const ConfigBuilder empty;
  for (const Row& row : rows) {
    const auto after = ConfigBuilder().service("a", row.target).route("a", {"x.test"});
    CHECK(changes(empty, after) == Lines{std::string("+ x.test -> ") + row.text});
  }
}

TEST_CASE("changes: settings of a route are told apart from its target", "[router]") {
  ConfigBuilder before;
  before.service("a", PortTarget{1}).service("b", PortTarget{1});
  ConfigBuilder after = before;
  before.route(rule("a", "strip.test", "/api"));
  before.route(rule("a", "times.test"));
  before.route(rule("a", "host.test"));
  before.route(rule("a", "name.test"));
  RouteRule strip = rule("a", "strip.test", "/api");
  strip.strip_prefix = true;
  RouteRule times = rule("a", "times.test");
  times.timeout = Milliseconds(1500);
  times.hold = Milliseconds(0);
  RouteRule host = rule("a", "host.test");
  host.host_header = HostHeader::upstream;
  after.route(strip).route(times).route(host).route(rule("b", "name.test"));
  CHECK(changes(before, after) == Lines{
                                      "~ /api strip_prefix off -> on",
                                      "~ times.test timeout none -> 1500ms, hold 10s -> 0s",
                                      "~ host.test host_header preserve -> upstream",
                                      "~ name.test service a -> b",
                                  });
}

TEST_CASE("changes: what is trusted of a service, and what it shows, is a change", "[router]") {
  UrlTarget before = url(UrlScheme::https, "api.test", 443);
  UrlTarget after = before;
  after.insecure = true;
  after.ca = "/x/ca.pem";
  CHECK(changes(ConfigBuilder().service("a", before).route("a", {"x.test"}),
                ConfigBuilder().service("a", after).route("a", {"x.test"})) ==
        Lines{"~ x.test insecure off -> on, ca the system's -> /x/ca.pem"});

  const auto with = [](std::optional<CertificateFiles> tls) {
    RouteRule own = rule("a", "x.test");
    own.own = true;
    return ConfigBuilder()
        .service("a", PortTarget{1}, std::move(tls))
        .route(own)
        .route("a", {"y.test"});
  };
  const CertificateFiles one{"/x/one.pem", "/x/one.key", {}};
  const CertificateFiles other{"/x/one.pem", "/x/other.key", {}};
  CHECK(changes(with({}), with(one)) == Lines{"~ x.test tls the local CA -> /x/one.pem"});
  CHECK(changes(with(one), with({})) == Lines{"~ x.test tls /x/one.pem -> the local CA"});
  CHECK(changes(with(one), with(other)) == Lines{"~ x.test key of tls /x/one.key -> /x/other.key"});
  CHECK(changes(with(one), with(one)).empty());
}

TEST_CASE("changes: conditions belong to what a route is", "[router]") {
  const auto before = ConfigBuilder()
                          .service("a", PortTarget{1})
                          .service("b", PortTarget{2})
                          .route("a", {"x.test"})
                          .route("a", {"x.test"}, "/", {"GET", "HEAD"}, {{"x-tenant", "acme"}});
  const auto after = ConfigBuilder()
                         .service("a", PortTarget{1})
                         .service("b", PortTarget{2})
                         .route("a", {"x.test"})
                         .route("b", {"x.test"}, "/", {"GET", "HEAD"}, {{"x-tenant", "acme"}})
                         .route("b", {"x.test"}, "/", {"PUT"});
  CHECK(changes(before, after) ==
        Lines{"~ x.test [GET, HEAD, x-tenant=acme] :1 -> :2", "+ x.test [PUT] -> :2"});
}

TEST_CASE("changes: the same route twice is two routes", "[router]") {
  const auto once = ConfigBuilder().service("a", PortTarget{1}).route("a", {"x.test"});
  auto twice = once;
  twice.route("a", {"x.test"});
  CHECK(changes(once, twice) == Lines{"+ x.test -> :1"});
  CHECK(changes(twice, once) == Lines{"- x.test"});
}

TEST_CASE("changes: bytes that a terminal would obey are escaped", "[router]") {
  const auto after =
      ConfigBuilder().service("a", UnixTarget{"/run/\x1b[2J"}).route("a", {"x.test"});
  CHECK(changes(ConfigBuilder(), after) == Lines{R"(+ x.test -> unix:/run/\x1b[2J)"});
}

}  // namespace
}  // namespace devproxy
