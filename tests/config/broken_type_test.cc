#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_type_rows[] = {
    {"type: port in quotes",
     R"([services.web]
port = "3000"
)",
     R"(devproxy.toml:2:8: port: expected an integer, found a string
  2 | port = "3000"
    |        ^^^^^^
    = hint: write it without quotes: port = 3000
)"},
    {"type: port with a fraction",
     R"([services.web]
port = 3000.5
)",
     R"(devproxy.toml:2:8: port: expected an integer, found a number with a fraction
  2 | port = 3000.5
    |        ^^^^^^
)"},
    {"type: host a number",
     R"([services.web]
port = 3000
host = 7
)",
     R"(devproxy.toml:3:8: host: expected a string or a list of strings, found an integer
  3 | host = 7
    |        ^
    = hint: write it in quotes: host = "7"
)"},
    {"type: number in a list of hosts",
     R"([services.web]
port = 3000
host = ["a.localhost", 7]
)",
     R"(devproxy.toml:3:24: host: expected a string or a list of strings, found an integer in the list
  3 | host = ["a.localhost", 7]
    |                        ^
)"},
    {"type: methods a string",
     R"([services.web]
port = 3000
methods = "GET"
)",
     R"(devproxy.toml:3:11: methods: expected a list of strings, found a string
  3 | methods = "GET"
    |           ^^^^^
    = hint: write methods = ["GET"]
)"},
    {"type: strip_prefix in quotes",
     R"([services.web]
port = 3000
strip_prefix = "true"
)",
     R"(devproxy.toml:3:16: strip_prefix: expected true or false, found a string
  3 | strip_prefix = "true"
    |                ^^^^^^
    = hint: write it without quotes: strip_prefix = true
)"},
    {"type: duration a boolean",
     R"([services.web]
port = 3000
hold = true
)",
     R"(devproxy.toml:3:8: hold: expected a duration like "10s", found a boolean
  3 | hold = true
    |        ^^^^
)"},
    {"type: headers a list",
     R"([services.web]
port = 3000
headers = ["x-tenant"]
)",
     R"(devproxy.toml:3:11: headers: expected a table, found a list
  3 | headers = ["x-tenant"]
    |           ^^^^^^^^^^^^
)"},
    {"type: header value a number",
     R"([services.web]
port = 3000
headers = { x-tenant = 7 }
)",
     R"(devproxy.toml:3:24: headers: expected a string for x-tenant, found an integer
  3 | headers = { x-tenant = 7 }
    |                        ^
    = hint: write the exact value in quotes
)"},
    {"type: a service that is no table",
     R"([services]
web = 3000
)",
     R"(devproxy.toml:2:7: services.web: expected a table, found an integer
  2 | web = 3000
    |       ^^^^
    = hint: write [services.web] and its keys below
)"},
    {"type: services a list",
     R"([[services]]
port = 3000
)",
     R"(devproxy.toml:1:1: services: expected a table, found a list
  1 | [[services]]
    | ^^^^^^^^^^^^
)"},
    {"type: routes a table",
     R"([services.web]
port = 3000
[routes]
service = "web"
)",
     R"(devproxy.toml:3:1: routes: expected a list of tables, found a table
  3 | [routes]
    | ^^^^^^^^
    = hint: write [[routes]], with two brackets
)"},
    {"type: name a date",
     R"(name = 2026-11-22
)",
     R"(devproxy.toml:1:8: name: expected a string, found a date or time
  1 | name = 2026-11-22
    |        ^^^^^^^^^^
)"},
    {"type: include a string",
     R"(include = "platform.toml"
)",
     R"(devproxy.toml:1:11: include: expected a list of strings, found a string
  1 | include = "platform.toml"
    |           ^^^^^^^^^^^^^^^
    = hint: write include = ["platform.toml"]
)"},
    {"type: listen a number",
     R"([proxy]
listen = 6289
)",
     R"(devproxy.toml:2:10: listen: expected an address, a table with addr, or a list of those, found an integer
  2 | listen = 6289
    |          ^^^^
)"},
    {"type: a number in listen",
     R"([proxy]
listen = ["127.0.0.1:7000", 7001]
)",
     R"(devproxy.toml:2:29: listen: expected an address, a table with addr, or a list of those, found an integer in the list
  2 | listen = ["127.0.0.1:7000", 7001]
    |                             ^^^^
)"},
    {"type: enabled an integer",
     R"([services.web]
port = 3000
enabled = 0
)",
     R"(devproxy.toml:3:11: enabled: expected true or false, found an integer
  3 | enabled = 0
    |           ^
)"},
};
// clang-format on

TEST_CASE("broken files: values of the wrong type", "[config]") {
  check_all(broken_type_rows);
}

}  // namespace
}  // namespace devproxy
