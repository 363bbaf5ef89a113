#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_string_rows[] = {
    {"string: unset variable",
     R"([services.web]
url = "http://${NO_SUCH_HOST}:3000"
)",
     R"(devproxy.toml:2:15: NO_SUCH_HOST is not set, neither in the environment nor in .env
  2 | url = "http://${NO_SUCH_HOST}:3000"
    |               ^^^^^^^^^^^^^^^
    = hint: set it, or write ${NO_SUCH_HOST:-default}
)"},
    {"string: two unset variables",
     R"([services.web]
url = "http://${NO_HOST}:${NO_PORT}"
)",
     R"(devproxy.toml:2:15: NO_HOST is not set, neither in the environment nor in .env
  2 | url = "http://${NO_HOST}:${NO_PORT}"
    |               ^^^^^^^^^^
    = hint: set it, or write ${NO_HOST:-default}
devproxy.toml:2:26: NO_PORT is not set, neither in the environment nor in .env
  2 | url = "http://${NO_HOST}:${NO_PORT}"
    |                          ^^^^^^^^^^
    = hint: set it, or write ${NO_PORT:-default}
)"},
    {"string: brace not closed",
     R"([services.web]
port = 3000
host = "${NAME.localhost"
)",
     R"(devproxy.toml:3:9: "${" has no closing "}"
  3 | host = "${NAME.localhost"
    |         ^^
    = hint: write ${NAME}, or $${ for a dollar and a brace
)"},
    {"string: no name",
     R"([services.web]
port = 3000
host = "${}.localhost"
)",
     R"(devproxy.toml:3:9: "" is not the name of a variable
  3 | host = "${}.localhost"
    |         ^^^
    = hint: write ${NAME} or ${NAME:-default}, or $${ for a dollar and a brace
)"},
    {"string: default with another variable",
     R"([services.web]
port = 3000
host = "${A:-${B}}.localhost"
)",
     R"(devproxy.toml:3:9: a default cannot hold another ${}
  3 | host = "${A:-${B}}.localhost"
    |         ^^^^^^^^^
    = hint: write the default itself
)"},
    {"string: port from a word",
     R"([services.web]
port = "${WORD}"
)",
     R"(devproxy.toml:2:8: port: expected an integer, found "many" after expansion
  2 | port = "${WORD}"
    |        ^^^^^^^^^
    = hint: set the variable to a number
)"},
    {"string: unknown placeholder",
     R"([services.web]
port = 3000
host = "{branch}.localhost"
)",
     R"(devproxy.toml:3:9: unknown placeholder {branch}
  3 | host = "{branch}.localhost"
    |         ^^^^^^^^
    = hint: known here: {project}, {service}, {worktree}, {port}, {services.NAME.port}
)"},
    {"string: placeholder without a value",
     R"([services.web]
url = "http://127.0.0.1:{services.db.port}"
)",
     R"(devproxy.toml:2:25: {services.db.port} has no value: the service "db" does not exist
  2 | url = "http://127.0.0.1:{services.db.port}"
    |                         ^^^^^^^^^^^^^^^^^^
    = hint: known here: {project}, {service}, {worktree}, {port}, {services.NAME.port}
)"},
    {"string: placeholder not closed",
     R"([services.web]
port = 3000
host = "{service.localhost"
)",
     R"(devproxy.toml:3:9: "{" has no closing "}"
  3 | host = "{service.localhost"
    |         ^
    = hint: known here: {project}, {service}, {worktree}, {port}, {services.NAME.port}
)"},
    {"several at once, in order of place",
     R"(nam = "shop"
[services.web]
port = 0
host = "a b"
[services.api]
url = "ftp://x"
[proxy]
log = "loud"
)",
     R"(devproxy.toml:1:1: unknown key "nam" at the top of the file
  1 | nam = "shop"
    | ^^^
    = hint: did you mean "name"?
devproxy.toml:3:8: 0 is not a port
  3 | port = 0
    |        ^
    = hint: a port is a number from 1 to 65535
devproxy.toml:4:8: the host "a b" holds a letter outside ASCII, or a space
  4 | host = "a b"
    |        ^^^^^
    = hint: write the form that browsers send: "xn--…"
devproxy.toml:6:7: the url "ftp://x" has the scheme "ftp"
  6 | url = "ftp://x"
    |       ^^^^^^^^^
    = hint: a service is reached by http://, https://, h2c:// (gRPC) or unix:/
devproxy.toml:8:7: log: unknown level "loud"
  8 | log = "loud"
    |       ^^^^^^
    = hint: write "debug", "info", "warn", "error" or "off"
)"},
    {"place: tabs, letters and a control byte before it",
     "[services.web]\n"
     "\tport = 3000\n"
     "\theaders = { \"caf\303\251\" = \"\346\235\261\", \"x\\u0001\" = \"\033\" , y = 7 }\n",
     R"(devproxy.toml:3:41: a control character stands in this string
  3 | 	headers = { "café" = "東", "x\u0001" = "\x1b" , y = 7 }
    | 	                                        ^^^^
    = hint: write it as \uXXXX
)"},
    {"place: letters before it",
     R"([services.web]
port = 3000
headers = { x = "東京 café", y = 7 }
)",
     R"(devproxy.toml:3:32: headers: expected a string for y, found an integer
  3 | headers = { x = "東京 café", y = 7 }
    |                                  ^
    = hint: write the exact value in quotes
)"},
};
// clang-format on

TEST_CASE("broken files: variables, placeholders and places", "[config]") {
  check_all(broken_string_rows);
}

}  // namespace
}  // namespace devproxy
