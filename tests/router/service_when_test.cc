#include "router/service_when.h"

#include "tests/router/tables.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

ServiceWhen when(WhenIn in, std::string name, std::optional<std::string> value = std::nullopt,
                 std::string service = "next") {
  return {in, std::move(name), std::move(value), std::move(service), std::nullopt, {}};
}

bool met_by_cookie(const ServiceWhen& condition, const std::string& cookie) {
  const FieldMap fields{{"cookie", cookie}};
  return is_met(condition, {"a", "/", "GET", &fields});
}

TEST_CASE("service_when: cookies", "[router]") {
  const struct {
    const char* cookie;
    bool met;  // branch=next
    bool present;
  } rows[] = {
      {"branch=next", true, true},
      {"a=1; branch=next; b=2", true, true},
      {"a=1;branch=next", true, true},
      {"branch = next", true, true},
      {"branch=\"next\"", true, true},
      {"branch=\"next", false, true},
      {"branch=\"", false, true},
      {"branch=old", false, true},
      {"branch=", false, true},
      {"branch=nextt", false, true},
      {"branch=next=1", false, true},
      {"branch=Next", false, true},
      // As services do, the first counts.
      {"branch=old; branch=next", false, true},
      {"branch=next; branch=old", true, true},
      {"Branch=next", false, false},
      {"xbranch=next; branchx=next", false, false},
      {"branch", false, false},
      {"next", false, false},
      {"a=branch=next", false, false},
      {"; ;=;;", false, false},
      {"", false, false},
  };
  for (const auto& row : rows) {
    INFO(row.cookie);
    CHECK(met_by_cookie(when(WhenIn::cookie, "branch", "next"), row.cookie) == row.met);
    CHECK(met_by_cookie(when(WhenIn::cookie, "branch"), row.cookie) == row.present);
  }
  CHECK(met_by_cookie(when(WhenIn::cookie, "branch", ""), "branch="));
  CHECK_FALSE(is_met(when(WhenIn::cookie, "branch"), {"a", "/", "GET"}));
  // Several lines, as some programs send them.
  const FieldMap lines{{"cookie", "a=1"}, {"cookie", "b=2; branch=next"}, {"cookie", "branch=old"}};
  CHECK(is_met(when(WhenIn::cookie, "branch", "next"), {"a", "/", "GET", &lines}));
}

TEST_CASE("service_when: headers", "[router]") {
  const FieldMap fields{{"x-branch", "next"}, {"x-empty", ""}};
  const Lookup lookup{"a", "/", "GET", &fields};
  CHECK(is_met(when(WhenIn::header, "x-branch", "next"), lookup));
  CHECK(is_met(when(WhenIn::header, "x-branch"), lookup));
  CHECK(is_met(when(WhenIn::header, "x-empty"), lookup));
  CHECK(is_met(when(WhenIn::header, "x-empty", ""), lookup));
  CHECK_FALSE(is_met(when(WhenIn::header, "x-branch", "Next"), lookup));
  CHECK_FALSE(is_met(when(WhenIn::header, "x-other"), lookup));
}

TEST_CASE("service_when: the query", "[router]") {
  const struct {
    const char* query;
    bool met;  // "the branch" = "ö+1"
    bool present;
  } rows[] = {
      {"the%20branch=%C3%B6%2B1", true, true},
      {"the+branch=%c3%b6%2b1&x=1", true, true},
      {"x&&the+branch=%C3%B6%2B1", true, true},
      {"the+branch=%C3%B6+1", false, true},
      {"the+branch", false, true},
      {"the+branch=", false, true},
      {"the+branch=%C3%B6%2B1%", false, true},
      {"the+branch=a&the+branch=%C3%B6%2B1", false, true},
      {"the+branches=1", false, false},
      {"thebranch=1", false, false},
      {"the%2zbranch=1", false, false},
      {"x=the+branch", false, false},
      {"", false, false},
  };
  for (const auto& row : rows) {
    INFO(row.query);
    const Lookup lookup{"a", "/", "GET", nullptr, row.query};
    CHECK(is_met(when(WhenIn::query, "the branch", "\xc3\xb6+1"), lookup) == row.met);
    CHECK(is_met(when(WhenIn::query, "the branch"), lookup) == row.present);
  }
}

TEST_CASE("service_when: the first that is met chooses, else the route's own service", "[router]") {
  RouteRule rule;
  rule.service = "web";
  rule.hosts = {"a.test"};
  rule.service_when = {when(WhenIn::cookie, "branch", "old", "web"),
                       when(WhenIn::cookie, "branch", std::nullopt, "next"),
                       when(WhenIn::header, "x-v", "3", "third"), when(WhenIn::query, "v")};
  const auto table = ConfigBuilder()
                         .service("web", PortTarget{1})
                         .service("next", PortTarget{2})
                         .service("third", PortTarget{3})
                         .route(rule)
                         .route("web", {"b.test"})
                         .build();
  const auto asked = [&](const FieldMap& fields, std::string_view query) {
    const Lookup lookup{"a.test", "/", "GET", &fields, query};
    const Route* const route = table->match(lookup);
    REQUIRE(route != nullptr);
    const auto chosen = chosen_of(route->rule, lookup);
    return table->services()[chosen ? route->services_when[*chosen] : route->service].name;
  };
  CHECK(asked({}, "") == "web");
  CHECK(asked({{"cookie", "branch=old"}, {"x-v", "3"}}, "v") == "web");
  CHECK(asked({{"cookie", "branch=new"}, {"x-v", "3"}}, "") == "next");
  CHECK(asked({{"x-v", "3"}}, "v=1") == "third");
  CHECK(asked({{"x-v", "4"}}, "v=1") == "next");
  CHECK(table->routes()[0].vary == "Cookie, x-v");
  CHECK(table->routes()[1].vary.empty());
}

TEST_CASE("service_when: it is no condition of the route", "[router]") {
  RouteRule rule;
  rule.service = "web";
  rule.hosts = {"a.test"};
  rule.service_when = {when(WhenIn::cookie, "branch")};
  CHECK(service_for(*ConfigBuilder()
                         .service("web", PortTarget{1})
                         .service("next", PortTarget{2})
                         .route("next", {"a.test"}, "/", {}, {{"x-a", "b"}})
                         .route(rule)
                         .build(),
                    {"a.test", "/", "GET"}) == "web");
}

TEST_CASE("service_when: a reload tells of its changes", "[router]") {
  RouteRule plain;
  plain.service = "web";
  plain.hosts = {"a.test"};
  RouteRule choosing = plain;
  choosing.service_when = {when(WhenIn::cookie, "branch", "next"), when(WhenIn::query, "v")};
  const auto built = [](const RouteRule& rule) {
    return ConfigBuilder()
        .service("web", PortTarget{1})
        .service("next", PortTarget{2})
        .route(rule)
        .build();
  };
  CHECK(describe_changes(*built(plain), *built(choosing)) ==
        std::vector<std::string>{
            "~ a.test service_when none -> cookie branch=next: next, query v: next"});
  CHECK(describe_changes(*built(choosing), *built(choosing)).empty());
}

}  // namespace
}  // namespace devproxy
