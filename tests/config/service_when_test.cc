#include "tests/config/broken.h"

namespace devproxy {
namespace {

const RouteRule& route_of(const Config& config, const std::string& service) {
  const auto found = std::find_if(config.routes.begin(), config.routes.end(),
                                  [&](const RouteRule& rule) { return rule.service == service; });
  REQUIRE(found != config.routes.end());
  return *found;
}

TEST_CASE("service_when: a table or a list, in services and in routes", "[config]") {
  TempProject project;
  project.environment["BRANCH"] = "a=b";
  project.write("devproxy.toml", R"([services.web]
port = 3000
service_when = { cookie = "branch=${BRANCH}", service = "next" }
[services.next]
port = 3001
[services.staging]
url = "https://staging.example.com"
[services.off]
port = 3002
enabled = false
[[routes]]
service = "web"
path = "/x"
service_when = [
  { header = "X-Branch=Next", service = "next" },
  { query = "the branch", service = "staging" },
  { cookie = "off", service = "off" },
]
[[routes]]
service = "web"
path = "/y"
host_header = "preserve"
[[routes.service_when]]
query = "staging"
service = "staging"
)");
  const Config config = project.config();
  const RouteRule& own = route_of(config, "web");
  REQUIRE(own.service_when.size() == 1);
  CHECK(own.service_when[0].in == WhenIn::cookie);
  CHECK(own.service_when[0].name == "branch");
  CHECK(own.service_when[0].value == "a=b");
  CHECK(own.service_when[0].service == "next");
  CHECK(own.service_when[0].at.line == 3);
  CHECK(when_text(own.service_when[0]) == "cookie branch=a=b");
  REQUIRE(config.routes.size() == 5);
  const RouteRule& list = config.routes[3];
  REQUIRE(list.service_when.size() == 2);  // a service that is switched off takes it along
  CHECK(list.service_when[0].in == WhenIn::header);
  CHECK(list.service_when[0].name == "x-branch");
  CHECK(list.service_when[0].value == "Next");
  CHECK(list.service_when[0].host_header == HostHeader::preserve);
  CHECK(list.service_when[1].in == WhenIn::query);
  CHECK_FALSE(list.service_when[1].value.has_value());
  CHECK(list.service_when[1].host_header == HostHeader::upstream);
  CHECK(when_text(list.service_when[1]) == "query the branch");
  // What the route says holds for all its services.
  REQUIRE(config.routes[4].service_when.size() == 1);
  CHECK_FALSE(config.routes[4].service_when[0].host_header.has_value());
}

TEST_CASE("service_when: a higher layer replaces it", "[config]") {
  TempProject project;
  project.write("devproxy.toml", R"([services.web]
port = 3000
service_when = { cookie = "branch=next", service = "next" }
[services.next]
port = 3001
)");
  project.write("devproxy.local.toml", R"([services.web]
service_when = { header = "x-mine", service = "next" }
)");
  const Config config = project.config();
  REQUIRE(config.routes[0].service_when.size() == 1);
  CHECK(when_text(config.routes[0].service_when[0]) == "header x-mine");
}

// clang-format off
constexpr Broken service_when_rows[] = {
    {"service_when: unknown service",
     R"([services.web]
port = 3000
service_when = { cookie = "branch=next", service = "web-nxt" }
[services.web-next]
port = 3001
)",
     R"(devproxy.toml:3:52: unknown service "web-nxt"
  3 | service_when = { cookie = "branch=next", service = "web-nxt" }
    |                                                    ^^^^^^^^^
    = hint: did you mean "web-next"?
)"},
    {"service_when: no service",
     R"([services.web]
port = 3000
service_when = { cookie = "branch=next" }
)",
     R"(devproxy.toml:3:16: service_when names no service
  3 | service_when = { cookie = "branch=next" }
    |                ^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: say who answers then: service = "web-next"
)"},
    {"service_when: nothing to look at",
     R"([services.web]
port = 3000
service_when = { service = "web" }
)",
     R"(devproxy.toml:3:16: service_when names no cookie, header or query
  3 | service_when = { service = "web" }
    |                ^^^^^^^^^^^^^^^^^^^
    = hint: say what is looked at: cookie = "branch=next"
)"},
    {"service_when: two things to look at",
     R"([services.web]
port = 3000
service_when = { cookie = "a", query = "a", service = "web" }
)",
     R"(devproxy.toml:3:16: service_when names more than one of cookie, header and query
  3 | service_when = { cookie = "a", query = "a", service = "web" }
    |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: keep one; for several write a list: service_when = [{ … }, { … }]
)"},
    {"service_when: unknown key",
     R"([services.web]
port = 3000
service_when = { cokie = "a", service = "web" }
)",
     R"(devproxy.toml:3:18: unknown key "cokie" in service_when
  3 | service_when = { cokie = "a", service = "web" }
    |                  ^^^^^
    = hint: did you mean "cookie"?
)"},
    {"service_when: the key of another place",
     R"([services.web]
port = 3000
cookie = "branch=next"
)",
     R"(devproxy.toml:3:1: unknown key "cookie" in [services.web]
  3 | cookie = "branch=next"
    | ^^^^^^
    = hint: it belongs in service_when = { cookie = "…", service = "…" }
)"},
    {"service_when: a string",
     R"([services.web]
port = 3000
service_when = "branch=next"
)",
     R"(devproxy.toml:3:16: service_when: expected a table or a list of tables, found a string
  3 | service_when = "branch=next"
    |                ^^^^^^^^^^^^^
    = hint: write service_when = { cookie = "branch=next", service = "…" }
)"},
    {"service_when: a header as it is sent",
     R"([services.web]
port = 3000
service_when = { header = "x-branch: next", service = "web" }
)",
     R"(devproxy.toml:3:27: "x-branch: next" is not the name of a header
  3 | service_when = { header = "x-branch: next", service = "web" }
    |                           ^^^^^^^^^^^^^^^^
    = hint: write its name, then "=" and its value: header = "x-branch=next"
)"},
    {"service_when: no name",
     R"([services.web]
port = 3000
service_when = { query = "=next", service = "web" }
)",
     R"(devproxy.toml:3:26: "" is not the name of a query parameter
  3 | service_when = { query = "=next", service = "web" }
    |                          ^^^^^^^
    = hint: write its name, then "=" and its value: query = "branch=next"
)"},
    {"service_when: a value that no cookie has",
     R"([services.web]
port = 3000
service_when = { cookie = "branch=a;b", service = "web" }
)",
     R"(devproxy.toml:3:27: "a;b" can never be the value of a cookie
  3 | service_when = { cookie = "branch=a;b", service = "web" }
    |                           ^^^^^^^^^^^^
    = hint: write it without quotes, semicolons, control characters and outer spaces
)"},
    {"service_when: never reached",
     R"([services.web]
port = 3000
service_when = [
  { cookie = "branch", service = "web" },
  { cookie = "branch=next", service = "web" },
]
)",
     R"(devproxy.toml:5:3: service_when: cookie branch=next can never choose "web": cookie branch before it takes the same requests
  5 |   { cookie = "branch=next", service = "web" },
    |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: put it first, or take it out
)"},
    {"service_when: without a host",
     R"([services.web]
port = 3000
listen = 5432
service_when = { cookie = "branch", service = "web" }
)",
     R"(devproxy.toml:4:1: service_when has no meaning without a host: "web" is reached by its TCP port alone (devproxy.toml:3:1)
  4 | service_when = { cookie = "branch", service = "web" }
    | ^^^^^^^^^^^^
    = hint: take it out, or give the service a host for requests as well
)"},
};
// clang-format on

TEST_CASE("broken files: service_when", "[config]") {
  check_all(service_when_rows);
}

}  // namespace
}  // namespace devproxy
