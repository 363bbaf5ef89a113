#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_command_rows[] = {
    {"command: empty",
     R"([services.a]
command = " "
[services.b]
command = []
[services.c]
command = ["", "x"]
)",
     R"(devproxy.toml:2:11: the command is empty
  2 | command = " "
    |           ^^^
    = hint: write what you would type: command = "npm run dev"
devproxy.toml:4:11: command is an empty list
  4 | command = []
    |           ^^
    = hint: leave the key out for its default
devproxy.toml:6:11: the command is empty
  6 | command = ["", "x"]
    |           ^^^^^^^^^
    = hint: write what you would type: command = "npm run dev"
)"},
    {"command: a number",
     R"([services.a]
command = 5
)",
     R"(devproxy.toml:2:11: command: expected a string or a list of strings, found an integer
  2 | command = 5
    |           ^
    = hint: write it in quotes: command = "5"
)"},
    {"command: its keys without it",
     R"([services.a]
port = 3000
dir = "a"
env = { A = "1" }
depends_on = ["b"]
restart = "always"
)",
     R"(devproxy.toml:3:1: dir has no meaning here: devproxy does not run "a"
  3 | dir = "a"
    | ^^^
    = hint: take it out, or give the service a command
devproxy.toml:4:1: env has no meaning here: devproxy does not run "a"
  4 | env = { A = "1" }
    | ^^^
    = hint: take it out, or give the service a command
devproxy.toml:5:1: depends_on has no meaning here: devproxy does not run "a"
  5 | depends_on = ["b"]
    | ^^^^^^^^^^
    = hint: take it out, or give the service a command
devproxy.toml:6:1: restart has no meaning here: devproxy does not run "a"
  6 | restart = "always"
    | ^^^^^^^
    = hint: take it out, or give the service a command
)"},
    {"command: beside a port",
     R"([services.a]
port = 3000
command = "x"
)",
     R"(devproxy.toml:3:1: the service "a" has both port (devproxy.toml:2:1) and command
  3 | command = "x"
    | ^^^^^^^
    = hint: keep one: exactly one kind makes a service
)"},
    {"dir: missing, a file, a tilde",
     R"([services.a]
command = "x"
dir = "nowhere"
[services.b]
command = "x"
dir = "ok.toml"
[services.c]
command = "x"
dir = "~/c"
)",
     R"(devproxy.toml:3:7: dir: nowhere does not exist
  3 | dir = "nowhere"
    |       ^^^^^^^^^
    = hint: paths are relative to the file that names them
devproxy.toml:6:7: dir: ok.toml is no folder
  6 | dir = "ok.toml"
    |       ^^^^^^^^^
    = hint: paths are relative to the file that names them
devproxy.toml:9:7: "~/c" begins with "~", which is not expanded
  9 | dir = "~/c"
    |       ^^^^^
    = hint: write "${HOME}/c"
)"},
    {"env: names and values",
     R"([services.a]
command = "x"
env = { "1A" = "x", B = 1.5, C = "${UNSET_HERE}" }
)",
     R"(devproxy.toml:3:9: "1A" is not the name of a variable
  3 | env = { "1A" = "x", B = 1.5, C = "${UNSET_HERE}" }
    |         ^^^^
    = hint: write letters, digits and underscores, no digit first
devproxy.toml:3:25: env.B: expected a string, found a number with a fraction
  3 | env = { "1A" = "x", B = 1.5, C = "${UNSET_HERE}" }
    |                         ^^^
    = hint: write it in quotes
devproxy.toml:3:35: UNSET_HERE is not set, neither in the environment nor in .env
  3 | env = { "1A" = "x", B = 1.5, C = "${UNSET_HERE}" }
    |                                   ^^^^^^^^^^^^^
    = hint: set it, or write ${UNSET_HERE:-default}
)"},
    {"env_file: missing, and one that is none",
     R"([services.a]
command = "x"
env_file = ["a.env", "ok.toml"]
)",
     R"(devproxy.toml:3:13: env_file: cannot read a.env: there is no such file
  3 | env_file = ["a.env", "ok.toml"]
    |             ^^^^^^^
    = hint: paths are relative to the file that names them
)"},
    {"depends_on: unknown",
     R"([services.database]
command = "x"
[services.api]
command = "x"
depends_on = ["databse"]
)",
     R"(devproxy.toml:5:15: there is no service "databse" to depend on
  5 | depends_on = ["databse"]
    |               ^^^^^^^^^
    = hint: did you mean "database"?
)"},
    {"depends_on: circles",
     R"([services.a]
command = "x"
depends_on = ["b"]
[services.b]
command = "x"
depends_on = ["c"]
[services.c]
command = "x"
depends_on = ["b"]
[services.d]
command = "x"
depends_on = ["d"]
)",
     R"(devproxy.toml:9:15: depends_on goes in a circle: b -> c -> b
  9 | depends_on = ["b"]
    |               ^^^
    = hint: take one of these out: a service can only wait for one that does not wait for it
devproxy.toml:12:15: depends_on goes in a circle: d -> d
  12 | depends_on = ["d"]
     |               ^^^
     = hint: take one of these out: a service can only wait for one that does not wait for it
)"},
    {"ready: two conditions, no path, empty log, unknown key",
     R"([services.a]
command = "x"
ready = { http = "/", log = "x" }
[services.b]
command = "x"
ready = { http = "healthz" }
[services.c]
command = "x"
ready = { log = "" }
[services.d]
command = "x"
ready = { htp = "/" }
)",
     R"(devproxy.toml:3:9: ready has more than one condition
  3 | ready = { http = "/", log = "x" }
    |         ^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: keep one: { http = "/" }, { log = "listening" } or { port = true }
devproxy.toml:6:18: "healthz" is not a path
  6 | ready = { http = "healthz" }
    |                  ^^^^^^^^^
    = hint: write a path that begins with "/": http = "/healthz"
devproxy.toml:9:17: log is empty
  9 | ready = { log = "" }
    |                 ^^
    = hint: write a part of the line that it prints when it is ready
devproxy.toml:12:11: unknown key "htp" in ready
  12 | ready = { htp = "/" }
     |           ^^^
     = hint: did you mean "http"?
)"},
    {"restart, stop_signal, stop_timeout, adapter",
     R"([services.a]
command = "x"
restart = "yes"
stop_signal = "SIGNOT"
stop_timeout = "soon"
adapter = "vite"
)",
     R"(devproxy.toml:3:11: restart: expected "on-failure", "always" or "never", found "yes"
  3 | restart = "yes"
    |           ^^^^^
    = hint: "on-failure" starts it again when it ends with another code than 0
devproxy.toml:4:15: "SIGNOT" is not a signal
  4 | stop_signal = "SIGNOT"
    |               ^^^^^^^^
    = hint: write SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 or SIGKILL
devproxy.toml:5:16: "soon" is not a duration
  5 | stop_timeout = "soon"
    |                ^^^^^^
    = hint: write a whole number and a unit: "250ms", "10s", "2m", "1h"
devproxy.toml:6:11: adapter: expected "auto" or "none", found "vite"
  6 | adapter = "vite"
    |           ^^^^^^
    = hint: "none" leaves the command as it is
)"},
    {"placeholders: a service that has no port",
     R"([services.sock]
url = "unix:/x"
[services.a]
command = "x {services.sock.port}"
env = { B = "{services.nobody.port}", C = "{anything else}" }
)",
     R"(devproxy.toml:4:11: {services.sock.port} has no value: the service "sock" has no port
  4 | command = "x {services.sock.port}"
    |           ^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: there are: a
devproxy.toml:5:13: {services.nobody.port} has no value: the service "nobody" does not exist
  5 | env = { B = "{services.nobody.port}", C = "{anything else}" }
    |             ^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: there are: sock, a
)"},
};
// clang-format on

TEST_CASE("broken files: commands", "[config]") {
  check_all(broken_command_rows);
}

}  // namespace
}  // namespace devproxy
