#include "base/json.h"
#include "base/version.h"
#include "cli/command_line/help_form.h"
#include "cli/explain/explain_form.h"
#include "cli/project/route_forms.h"
#include "cli/reporters/event_forms.h"
#include "cli/reporters/reporter.h"
#include "tests/cli/configs.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Json parse(const std::string& text, const std::string& schema) {
  Json json = parse_json(text);
  CHECK(json.begin().key() == "schema");
  CHECK(json["schema"] == schema);
  CHECK(text.find('\n') == std::string::npos);
  return json;
}

Config forms_config() {
  Config config;
  config.project = "shop";
  config.file = "/x/devproxy.toml";
  config.services = {{"web", PortTarget{4001}, {}, {}}};
  config.routes = {route("web", {"shop.localhost"}, "/a", {"devproxy.toml", 3, 1})};
  config.routes[0].headers = {{"x-tenant", "acme"}};
  config.proxy.listen = {address("127.0.0.1", 6289), address("::1", 6289)};
  return config;
}

TEST_CASE("json forms: routes and the listening event name the TCP ports", "[cli]") {
  Config with_tcp = forms_config();
  with_tcp.services.push_back({"db", PortTarget{54321}, {}, {}});
  with_tcp.tcp = {{5432, "db", Milliseconds(10'000), {"devproxy.toml", 7, 10}}};
  for (const std::string& text : {routes_form(with_tcp, {}), listening_event(with_tcp, {}, {})}) {
    const Json json = parse_json(text);
    REQUIRE(json["tcp"].size() == 1);
    CHECK(json["tcp"][0]["port"] == 5432);
    CHECK(json["tcp"][0]["service"] == "db");
    CHECK(json["tcp"][0]["target"] == "127.0.0.1:54321");
    CHECK(json["tcp"][0]["line"] == 7);
  }
}

TEST_CASE("json forms: version", "[cli]") {
  CHECK(parse(version_form(), "devproxy.version/v1")["version"] == program_version);
}

TEST_CASE("json forms: help is every command, or one with its examples and options", "[cli]") {
  const Json all = parse(help_form(""), "devproxy.help/v1");
  CHECK(all["version"] == program_version);
  REQUIRE(all["commands"].size() > 5);
  CHECK(all["commands"][0]["name"].is_string());
  CHECK_FALSE(all["commands"][0].contains("examples"));
  CHECK_FALSE(all["options"].empty());
  const Json one = parse(help_form("explain"), "devproxy.help/v1");
  REQUIRE(one["commands"].size() == 1);
  CHECK(one["commands"][0]["name"] == "explain");
  CHECK_FALSE(one["commands"][0]["examples"].empty());
  CHECK(json_line(one["options"]).find("--method") != std::string::npos);
  CHECK(json_line(one["options"]).find("--config") != std::string::npos);
}

TEST_CASE("json forms: an error has a code, a place and a hint", "[cli]") {
  Failure failure{ExitCode::usage, "config.invalid", "one problem", "mend it", {}};
  CHECK(parse(error_form(failure), "devproxy.error/v1")["line"] == 0);
  failure.problems.push_back(
      {"config.unknown_key", {"a.toml", 3, 7}, "unknown key", "did you mean port?", "prot = 1", 4});
  const Json json = parse(error_form(failure), "devproxy.error/v1");
  CHECK(json["code"] == "config.invalid");
  CHECK(json["message"] == "one problem");
  CHECK(json["file"] == "a.toml");
  CHECK(json["line"] == 3);
  CHECK(json["column"] == 7);
  CHECK(json["hint"] == "mend it");
  CHECK(json["exit"] == 2);
  CHECK(json["problems"][0]["code"] == "config.unknown_key");
}

TEST_CASE("json forms: check tells what is in the file, or every problem", "[cli]") {
  const Config valid = forms_config();
  const Json good = parse(check_form(&valid, {}), "devproxy.check/v1");
  CHECK(good["valid"] == true);
  CHECK(good["services"] == 1);
  CHECK(good["problems"].empty());
  const Problem problem{"config.unknown_key", {"a.toml", 3, 7}, "unknown key", "h", "prot = 1", 4};
  const Json bad = parse(check_form(nullptr, {problem, problem}), "devproxy.check/v1");
  CHECK(bad["valid"] == false);
  CHECK(bad["problems"].size() == 2);
  CHECK(bad["problems"][0]["column"] == 7);
}

TEST_CASE("json forms: routes carry their conditions and places", "[cli]") {
  const Config routes = forms_config();
  const Json json = parse(routes_form(routes, url_rows(routes, wanted_listeners(routes), SIZE_MAX)),
                          "devproxy.routes/v1");
  CHECK(json["listeners"] == Json({"127.0.0.1:6289", "[::1]:6289"}));
  CHECK(json["routes"][0]["url"] == "https://shop.localhost:6289/a");
  CHECK(json["routes"][0]["headers"]["x-tenant"] == "acme");
  CHECK(json["routes"][0]["line"] == 3);
}

TEST_CASE("json forms: a URL whose port is not known yet is null", "[cli]") {
  Config some = forms_config();
  some.proxy.listen = {address("127.0.0.1", 0)};
  const Json json = parse(routes_form(some, url_rows(some, wanted_listeners(some), SIZE_MAX)),
                          "devproxy.routes/v1");
  CHECK(json["listeners"] == Json::array({"127.0.0.1:0"}));
  CHECK(json["routes"][0]["url"].is_null());
}

TEST_CASE("json forms: explain has a certificate for https alone", "[cli]") {
  const Config some = forms_config();
  const auto form = [&some](const char* url) {
    const auto explanation = explain(some, {url, "GET", {"x-tenant: acme"}});
    REQUIRE(explanation.has_value());
    return parse(explain_form(*explanation), "devproxy.explain/v1");
  };
  CHECK(form("http://shop.localhost:6289/a")["certificate"].is_null());
  const Json https = form("https://shop.localhost:6289/a");
  CHECK(https["certificate"]["from"] == "local_ca");
  CHECK(https["certificate"]["fits"] == true);
  CHECK(https["certificate"]["names"] == Json({"shop.localhost", "*.shop.localhost"}));
  CHECK(https["fields"]["X-Forwarded-Proto"] == "https");
  const Json other = form("https://shop.example:6289/");
  CHECK(other["certificate"]["from"] == "loopback");
  CHECK(other["certificate"]["fits"] == false);
  CHECK(other["certificate"]["why_not"] == "no route names shop.example");
}

TEST_CASE("json forms: events are one line each", "[cli]") {
  const Config some = forms_config();
  const Json listening = parse(listening_event(some, {{"127.0.0.1", 40000}},
                                               url_rows(some, {{"127.0.0.1", 40000}}, SIZE_MAX)),
                               "devproxy.event/v1");
  CHECK(listening["event"] == "listening");
  CHECK(listening["listeners"] == Json::array({"127.0.0.1:40000"}));
  CHECK(listening["routes"][0]["url"] == "https://shop.localhost:40000/a");
  const Json reload =
      parse(reload_event({{"+ a -> :1"}, std::chrono::microseconds(1500), 3}), "devproxy.event/v1");
  CHECK(reload["ok"] == true);
  CHECK(reload["changes"][0] == "+ a -> :1");
  CHECK(reload["ms"] == 1.5);
  CHECK(reload["cause"] == "file");
  CHECK(reload["generation"] == 3);
  const Json failed = parse(reload_failed_event({ExitCode::conflict, "listen.taken", "m", "h", {}}),
                            "devproxy.event/v1");
  CHECK(failed["event"] == "reload");
  CHECK(failed["ok"] == false);
  CHECK(failed["error"]["exit"] == 4);
  CHECK(parse(stopping_event("SIGINT"), "devproxy.event/v1")["signal"] == "SIGINT");
}

TEST_CASE("json forms: text that is not UTF-8 is replaced, never fatal", "[cli]") {
  const Failure failure{ExitCode::failed, "x", "bad \xff byte", "", {}};
  CHECK(parse(error_form(failure), "devproxy.error/v1")["message"] == "bad \xef\xbf\xbd byte");
}

}  // namespace
}  // namespace devproxy
