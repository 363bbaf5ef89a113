#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_condition_rows[] = {
    {"path: no slash",
     R"([services.web]
port = 3000
path = "api"
)",
     R"(devproxy.toml:3:8: the path "api" does not begin with "/"
  3 | path = "api"
    |        ^^^^^
    = hint: write "/api"
)"},
    {"path: dot segment",
     R"([services.web]
port = 3000
path = "/api/../admin"
)",
     R"(devproxy.toml:3:8: the path "/api/../admin" holds the dot segment ".."
  3 | path = "/api/../admin"
    |        ^^^^^^^^^^^^^^^
    = hint: requests are compared without dot segments: write the path they lead to
)"},
    {"path: encoded letter",
     R"([services.web]
port = 3000
path = "/%61pi"
)",
     R"(devproxy.toml:3:8: the path "/%61pi" would never match: requests are compared with "%61" decoded
  3 | path = "/%61pi"
    |        ^^^^^^^^
    = hint: write "a" instead of "%61"
)"},
    {"path: encoded dots",
     R"([services.web]
port = 3000
path = "/api/%2e%2e/admin"
)",
     R"(devproxy.toml:3:8: the path "/api/%2e%2e/admin" would never match: requests are compared with "%2e" decoded
  3 | path = "/api/%2e%2e/admin"
    |        ^^^^^^^^^^^^^^^^^^^
    = hint: write "." instead of "%2e"
)"},
    {"path: bad escape",
     R"([services.web]
port = 3000
path = "/100%"
)",
     R"(devproxy.toml:3:8: the path "/100%" has a "%" without two hex digits
  3 | path = "/100%"
    |        ^^^^^^^
    = hint: write "%25" for a percent sign
)"},
    {"path: two slashes",
     R"([services.web]
port = 3000
path = "/api//v1"
)",
     R"(devproxy.toml:3:8: the path "/api//v1" holds "//"
  3 | path = "/api//v1"
    |        ^^^^^^^^^^
    = hint: requests are compared with "/" in its place: write one
)"},
    {"path: query",
     R"([services.web]
port = 3000
path = "/api?x=1"
)",
     R"(devproxy.toml:3:8: the path "/api?x=1" holds "?"
  3 | path = "/api?x=1"
    |        ^^^^^^^^^^
    = hint: routes look at the path alone: write "/api"
)"},
    {"path: wildcard",
     R"([services.web]
port = 3000
path = "/api/*"
)",
     R"(devproxy.toml:3:8: the path "/api/*" holds "*"
  3 | path = "/api/*"
    |        ^^^^^^^^
    = hint: a path is a prefix already: "/api" matches "/api" and all below it
)"},
    {"path: space",
     R"([services.web]
port = 3000
path = "/my files"
)",
     R"(devproxy.toml:3:8: the path "/my files" holds a space, a control or a letter outside ASCII
  3 | path = "/my files"
    |        ^^^^^^^^^^^
    = hint: write it percent-encoded, as requests carry it: "%20"
)"},
    {"methods: lower case",
     R"([services.web]
port = 3000
methods = ["get"]
)",
     R"(devproxy.toml:3:12: the method "get" never comes: methods are case-sensitive
  3 | methods = ["get"]
    |            ^^^^^
    = hint: write "GET"
)"},
    {"methods: no token",
     R"([services.web]
port = 3000
methods = ["GET POST"]
)",
     R"(devproxy.toml:3:12: "GET POST" is not a method
  3 | methods = ["GET POST"]
    |            ^^^^^^^^^^
    = hint: write one like "GET"
)"},
    {"methods: twice",
     R"([services.web]
port = 3000
methods = ["GET", "GET"]
)",
     R"(devproxy.toml:3:19: "GET" stands twice in methods
  3 | methods = ["GET", "GET"]
    |                   ^^^^^
    = hint: take one out
)"},
    {"methods: empty list",
     R"([services.web]
port = 3000
methods = []
)",
     R"(devproxy.toml:3:11: methods is an empty list
  3 | methods = []
    |           ^^
    = hint: leave the key out for its default
)"},
    {"headers: no name",
     R"([services.web]
port = 3000
headers = { "x tenant" = "acme" }
)",
     R"(devproxy.toml:3:13: "x tenant" is not a header's name
  3 | headers = { "x tenant" = "acme" }
    |             ^^^^^^^^^^
    = hint: write one like "x-tenant"
)"},
    {"headers: twice in other letters",
     R"([services.web]
port = 3000
headers = { X-Tenant = "acme", x-tenant = "shop" }
)",
     R"(devproxy.toml:3:32: "x-tenant" stands twice in headers
  3 | headers = { X-Tenant = "acme", x-tenant = "shop" }
    |                                ^^^^^^^^
    = hint: take one out
)"},
    {"headers: impossible value",
     R"([services.web]
port = 3000
headers = { x-tenant = " acme" }
)",
     R"(devproxy.toml:3:24: the value of "x-tenant" can never be that of a header
  3 | headers = { x-tenant = " acme" }
    |                        ^^^^^^^
    = hint: write it without control characters and outer spaces
)"},
    {"host_header: unknown",
     R"([services.web]
port = 3000
host_header = "rewrite"
)",
     R"(devproxy.toml:3:15: host_header: expected "preserve" or "upstream", found "rewrite"
  3 | host_header = "rewrite"
    |               ^^^^^^^^^
    = hint: "preserve" sends the client's Host, "upstream" that of the url
)"},
    {"host_header: of a socket",
     R"([services.web]
url = "unix:/run/web.sock"
host_header = "upstream"
)",
     R"(devproxy.toml:3:15: a unix socket has no host of its own to send
  3 | host_header = "upstream"
    |               ^^^^^^^^^^
    = hint: leave host_header out
)"},
    {"duration: unit missing",
     R"([services.web]
port = 3000
timeout = 30
)",
     R"(devproxy.toml:3:11: the duration 30 has no unit
  3 | timeout = 30
    |           ^^
    = hint: write "30s" for seconds, or ms, m, h
)"},
    {"duration: unknown unit",
     R"([services.web]
port = 3000
hold = "10 sec"
)",
     R"(devproxy.toml:3:8: "10 sec" is not a duration
  3 | hold = "10 sec"
    |        ^^^^^^^^
    = hint: write a whole number and a unit: "250ms", "10s", "2m", "1h"
)"},
    {"duration: too long",
     R"([services.web]
port = 3000
hold = "25h"
)",
     R"(devproxy.toml:3:8: the duration "25h" is longer than a day
  3 | hold = "25h"
    |        ^^^^^
    = hint: write at most "24h"
)"},
    {"duration: negative",
     R"([services.web]
port = 3000
hold = "-1s"
)",
     R"(devproxy.toml:3:8: "-1s" is not a duration
  3 | hold = "-1s"
    |        ^^^^^
    = hint: write a whole number and a unit: "250ms", "10s", "2m", "1h"
)"},
    {"timeout: zero",
     R"([services.web]
port = 3000
timeout = "0s"
)",
     R"(devproxy.toml:3:11: a timeout of 0 fails every request
  3 | timeout = "0s"
    |           ^^^^
    = hint: leave timeout out to wait for ever
)"},
};
// clang-format on

TEST_CASE("broken files: what else a route matches and does", "[config]") {
  check_all(broken_condition_rows);
}

}  // namespace
}  // namespace devproxy
