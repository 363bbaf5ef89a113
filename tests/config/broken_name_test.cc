#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_name_rows[] = {
    {"name: no label",
     R"(name = "My Shop"
)",
     R"(devproxy.toml:1:8: the name "My Shop" is not a DNS label
  1 | name = "My Shop"
    |        ^^^^^^^^^
    = hint: write letters, digits and inner hyphens, at most 63: "my-shop"
)"},
    {"service: no label",
     R"([services.web_app]
port = 3000
)",
     R"(devproxy.toml:1:11: the service's name "web_app" is not a DNS label
  1 | [services.web_app]
    |           ^^^^^^^
    = hint: write lower-case letters, digits and inner hyphens: [services.web-app]
)"},
    {"port: zero and too large",
     R"([services.web]
port = 0
[services.api]
port = 65536
)",
     R"(devproxy.toml:2:8: 0 is not a port
  2 | port = 0
    |        ^
    = hint: a port is a number from 1 to 65535
devproxy.toml:4:8: 65536 is not a port
  4 | port = 65536
    |        ^^^^^
    = hint: a port is a number from 1 to 65535
)"},
    {"service: no kind",
     R"([services.web]
host = "a.localhost"
)",
     R"(devproxy.toml:1:1: the service "web" has no port, command, follow, url or redirect
  1 | [services.web]
    | ^^^^^^^^^^^^^^
    = hint: say what answers: port = 3000, or command = "npm run dev"
)"},
    {"service: two kinds",
     R"([services.web]
port = 3000
url = "http://127.0.0.1:3001"
)",
     R"(devproxy.toml:3:1: the service "web" has both port (devproxy.toml:2:1) and url
  3 | url = "http://127.0.0.1:3001"
    | ^^^
    = hint: keep one: exactly one kind makes a service
)"},
    {"host: port",
     R"([services.web]
port = 3000
host = "shop.localhost:6289"
)",
     R"(devproxy.toml:3:8: the host "shop.localhost:6289" holds a port
  3 | host = "shop.localhost:6289"
    |        ^^^^^^^^^^^^^^^^^^^^^
    = hint: write "shop.localhost"; the proxy's own port belongs in [proxy] listen
)"},
    {"worktree: unknown form",
     R"(worktree = "branch"
[services.web]
port = 3000
)",
     R"(devproxy.toml:1:12: worktree: expected "flat", "nested", "folder" or "off", found "branch"
  1 | worktree = "branch"
    |            ^^^^^^^^
    = hint: "flat" makes shop-fix-ui.localhost of shop.localhost in a worktree, "nested" fix-ui.shop.localhost
)"},
    {"host: scheme",
     R"([services.web]
port = 3000
host = "http://shop.localhost"
)",
     R"(devproxy.toml:3:8: the host "http://shop.localhost" holds a scheme
  3 | host = "http://shop.localhost"
    |        ^^^^^^^^^^^^^^^^^^^^^^^
    = hint: write the name alone: "shop.localhost"
)"},
    {"host: path",
     R"([services.web]
port = 3000
host = "shop.localhost/api"
)",
     R"(devproxy.toml:3:8: the host "shop.localhost/api" holds a path
  3 | host = "shop.localhost/api"
    |        ^^^^^^^^^^^^^^^^^^^^
    = hint: write host = "shop.localhost" and path = "/api"
)"},
    {"host: wildcard inside",
     R"([services.web]
port = 3000
host = "shop.*.localhost"
)",
     R"(devproxy.toml:3:8: the host "shop.*.localhost" has a wildcard in the wrong place
  3 | host = "shop.*.localhost"
    |        ^^^^^^^^^^^^^^^^^^
    = hint: "*" stands only as the whole first label, as in "*.shop.localhost"
)"},
    {"host: wildcard as part of a label",
     R"([services.web]
port = 3000
host = "*shop.localhost"
)",
     R"(devproxy.toml:3:8: the host "*shop.localhost" has a wildcard in the wrong place
  3 | host = "*shop.localhost"
    |        ^^^^^^^^^^^^^^^^^
    = hint: "*" stands only as the whole first label, as in "*.shop.localhost"
)"},
    {"host: empty label",
     R"([services.web]
port = 3000
host = "shop..localhost"
)",
     R"(devproxy.toml:3:8: the host "shop..localhost" has an empty label
  3 | host = "shop..localhost"
    |        ^^^^^^^^^^^^^^^^^
    = hint: put one dot between two labels and none in front
)"},
    {"host: hyphen at an end",
     R"([services.web]
port = 3000
host = "-shop.localhost"
)",
     R"(devproxy.toml:3:8: the host "-shop.localhost" has a label that begins or ends with "-"
  3 | host = "-shop.localhost"
    |        ^^^^^^^^^^^^^^^^^
    = hint: write letters or digits there
)"},
    {"host: underscore is fine, a percent sign is not",
     R"([services.web]
port = 3000
host = ["my_shop.localhost", "50%.localhost"]
)",
     R"(devproxy.toml:3:30: the host "50%.localhost" holds "%"
  3 | host = ["my_shop.localhost", "50%.localhost"]
    |                              ^^^^^^^^^^^^^^^
    = hint: a host is made of letters, digits, "-" and dots
)"},
    {"host: outside ASCII",
     R"([services.web]
port = 3000
host = "café.localhost"
)",
     R"(devproxy.toml:3:8: the host "café.localhost" holds a letter outside ASCII, or a space
  3 | host = "café.localhost"
    |        ^^^^^^^^^^^^^^^^
    = hint: write the form that browsers send: "xn--…"
)"},
    {"host: IPv6",
     R"([services.web]
port = 3000
host = "[::1]"
)",
     R"(devproxy.toml:3:8: the host "[::1]" is an IPv6 address
  3 | host = "[::1]"
    |        ^^^^^^^
    = hint: write a name; addresses belong in [proxy] listen
)"},
    {"host: empty",
     R"([services.web]
port = 3000
host = ""
)",
     R"(devproxy.toml:3:8: the host is empty
  3 | host = ""
    |        ^^
    = hint: leave host out for the default, or write a name
)"},
    {"host: empty list",
     R"([services.web]
port = 3000
host = []
)",
     R"(devproxy.toml:3:8: host is an empty list
  3 | host = []
    |        ^^
    = hint: leave the key out for its default
)"},
    {"host: long label",
     R"([services.web]
port = 3000
host = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.localhost"
)",
     R"(devproxy.toml:3:8: the host "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.localhost" has a label of 64 letters
  3 | host = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.localhost"
    |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: a label has at most 63
)"},
    {"host: twice in its list",
     R"([services.web]
port = 3000
host = ["a.localhost", "b.localhost", "A.localhost."]
)",
     R"(devproxy.toml:3:39: "a.localhost" stands twice in host
  3 | host = ["a.localhost", "b.localhost", "A.localhost."]
    |                                       ^^^^^^^^^^^^^^
    = hint: take one out
)"},
};
// clang-format on

TEST_CASE("broken files: names, ports and hosts", "[config]") {
  check_all(broken_name_rows);
}

}  // namespace
}  // namespace devproxy
