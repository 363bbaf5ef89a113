#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_whole_rows[] = {
    {"requires: newer",
     R"(requires = ">=9.3"
future = true
[services.web]
warp = 9
)",
     R"(devproxy.toml:1:12: this file is for devproxy >=9.3, and this is devproxy 0.1.0
  1 | requires = ">=9.3"
    |            ^^^^^^^
    = hint: install a devproxy that fits, or change requires
)"},
    {"requires: newer and not TOML for us",
     R"(requires = ">=9.3"
future = {
)",
     R"(devproxy.toml:1:12: this file is for devproxy >=9.3, and this is devproxy 0.1.0
  1 | requires = ">=9.3"
    |            ^^^^^^^
    = hint: install a devproxy that fits, or change requires
)"},
    {"requires: not a requirement",
     R"(requires = "newest"
)",
     R"(devproxy.toml:1:12: requires: "newest" is not a requirement
  1 | requires = "newest"
    |            ^^^^^^^^
    = hint: write one like ">=0.1" or ">=0.1, <0.4"
)"},
    {"include: missing",
     R"(include = ["../platform/devproxy.toml"]
)",
     R"(devproxy.toml:1:12: cannot include ../platform/devproxy.toml: there is no such file
  1 | include = ["../platform/devproxy.toml"]
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: included paths are relative to the file that names them
)"},
    {"include: twice",
     R"(include = ["ok.toml", "./ok.toml"]
)",
     R"(devproxy.toml:1:23: "./ok.toml" stands twice in include
  1 | include = ["ok.toml", "./ok.toml"]
    |                       ^^^^^^^^^^^
    = hint: take one out
)"},
    {"include: itself",
     R"(include = ["devproxy.toml"]
)",
     R"(devproxy.toml:1:12: include goes in a circle: devproxy.toml -> devproxy.toml
  1 | include = ["devproxy.toml"]
    |            ^^^^^^^^^^^^^^^
    = hint: take one of these includes out
)"},
    {"disabled: there is no such service",
     R"([services.web]
port = 3000
[services.wbe]
enabled = false
)",
     R"(devproxy.toml:3:1: there is no service "wbe" to switch off
  3 | [services.wbe]
    | ^^^^^^^^^^^^^^
    = hint: did you mean "web"?
)"},
};
// clang-format on

TEST_CASE("broken files: versions, includes and services switched off", "[config]") {
  check_all(broken_whole_rows);
}

}  // namespace
}  // namespace devproxy
