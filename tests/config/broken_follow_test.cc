#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_follow_rows[] = {
    {"follow: nobody",
     R"([services.a]
follow = {}
)",
     R"(devproxy.toml:2:10: follow does not say whom
  2 | follow = {}
    |          ^^
    = hint: name its folder, { dir = "admin" }, or its command, { command = "*uvicorn*" }
)"},
    {"follow: everybody",
     R"([services.a]
follow = { command = "*" }
)",
     R"(devproxy.toml:2:22: "*" fits every command
  2 | follow = { command = "*" }
    |                      ^^^
    = hint: write a part of it: command = "*uvicorn*"
)"},
    {"follow: a text",
     R"([services.a]
follow = "admin"
)",
     R"(devproxy.toml:2:10: follow: expected a table, found a string
  2 | follow = "admin"
    |          ^^^^^^^
    = hint: write follow = { dir = "admin" }
)"},
    {"follow: an unknown key",
     R"([services.a]
follow = { folder = "admin" }
)",
     R"(devproxy.toml:2:10: follow does not say whom
  2 | follow = { folder = "admin" }
    |          ^^^^^^^^^^^^^^^^^^^^
    = hint: name its folder, { dir = "admin" }, or its command, { command = "*uvicorn*" }
devproxy.toml:2:12: unknown key "folder" in follow
  2 | follow = { folder = "admin" }
    |            ^^^^^^
    = hint: known here: dir, command, pid_file, container, port
)"},
    {"follow: a folder that is not there, no port",
     R"([services.a]
follow = { dir = "nowhere", port = 0 }
)",
     R"(devproxy.toml:2:18: dir: nowhere does not exist
  2 | follow = { dir = "nowhere", port = 0 }
    |                  ^^^^^^^^^
    = hint: paths are relative to the file that names them
devproxy.toml:2:36: 0 is not a port
  2 | follow = { dir = "nowhere", port = 0 }
    |                                    ^
    = hint: a port is a number from 1 to 65535
)"},
    {"follow: a container and a process",
     R"([services.a]
follow = { container = "db", command = "postgres*" }
)",
     R"(devproxy.toml:2:10: follow names a container and a process
  2 | follow = { container = "db", command = "postgres*" }
    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: keep container alone, or with the port inside: { container = "db", port = 5432 }
)"},
    {"follow: beside a command",
     R"([services.a]
command = "x"
follow = { command = "x" }
)",
     R"(devproxy.toml:3:1: the service "a" has both command (devproxy.toml:2:1) and follow
  3 | follow = { command = "x" }
    | ^^^^^^
    = hint: keep one: exactly one kind makes a service
)"},
};
// clang-format on

TEST_CASE("broken: follow", "[config]") {
  check_all(broken_follow_rows);
}

}  // namespace
}  // namespace devproxy
