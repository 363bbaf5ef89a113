#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_key_rows[] = {
    {"unknown key: nearest",
     R"([services.web]
prot = 3000
)",
     R"(devproxy.toml:2:1: unknown key "prot" in [services.web]
  2 | prot = 3000
    | ^^^^
    = hint: did you mean "port"?
)"},
    {"unknown key: capital letters",
     R"([services.web]
Port = 3000
)",
     R"(devproxy.toml:2:1: unknown key "Port" in [services.web]
  2 | Port = 3000
    | ^^^^
    = hint: did you mean "port"?
)"},
    {"unknown key: belongs elsewhere",
     R"([proxy]
hold = "2s"
)",
     R"(devproxy.toml:2:1: unknown key "hold" in [proxy]
  2 | hold = "2s"
    | ^^^^
    = hint: it belongs in a service: [services.NAME]
)"},
    {"unknown key: of a route",
     R"([services.web]
port = 3000
service = "api"
)",
     R"(devproxy.toml:3:1: unknown key "service" in [services.web]
  3 | service = "api"
    | ^^^^^^^
    = hint: it belongs in a route: [[routes]]
)"},
    {"unknown key: nothing near",
     R"([services.web]
port = 3000
colour = "red"
)",
     R"(devproxy.toml:3:1: unknown key "colour" in [services.web]
  3 | colour = "red"
    | ^^^^^^
    = hint: known here: host, path, port, command, follow, url, redirect, strip_prefix, methods, headers, service_when, host_header, timeout, hold, listen, enabled, insecure, ca, dir, env, env_file, depends_on, ready, restart, stop_signal, stop_timeout, adapter, tls
)"},
    {"unknown key: at the top",
     R"([service.web]
port = 3000
)",
     R"(devproxy.toml:1:2: unknown key "service" at the top of the file
  1 | [service.web]
    |  ^^^^^^^
    = hint: did you mean "services"?
)"},
    {"unknown key: of the proxy at the top",
     R"(listen = "127.0.0.1:7000"
)",
     R"(devproxy.toml:1:1: unknown key "listen" at the top of the file
  1 | listen = "127.0.0.1:7000"
    | ^^^^^^
    = hint: it belongs in a service: [services.NAME], or in [proxy]
)"},
    {"not built: root and spa",
     R"([services.docs]
root = "site"
spa = true
)",
     R"(devproxy.toml:2:1: root: not in 0.1
  2 | root = "site"
    | ^^^^
    = hint: run a server for it and name where it listens: port = 3000
devproxy.toml:3:1: spa: not in 0.1
  3 | spa = true
    | ^^^
    = hint: run a server for it and name where it listens: port = 3000
)"},
    {"not built: workers",
     R"([proxy]
workers = 2
)",
     R"(devproxy.toml:2:1: workers: not in 0.1
  2 | workers = 2
    | ^^^^^^^
    = hint: take the key out: this version has one worker
)"},
    {"unknown key: of an entry of listen",
     R"([proxy]
only = "tls"
)",
     R"(devproxy.toml:2:1: unknown key "only" in [proxy]
  2 | only = "tls"
    | ^^^^
    = hint: it belongs in an entry of listen: { addr = "…" }
)"},
    {"unknown key: of tls",
     R"([services.web]
port = 3000
cert = "web.pem"
)",
     R"(devproxy.toml:3:1: unknown key "cert" in [services.web]
  3 | cert = "web.pem"
    | ^^^^
    = hint: it belongs in tls = { cert = "…", key = "…" }
)"},
    {"unknown key: insecure in a route",
     R"([services.web]
url = "https://example.com"
[[routes]]
service = "web"
path = "/x"
insecure = true
)",
     R"(devproxy.toml:6:1: unknown key "insecure" in [[routes]]
  6 | insecure = true
    | ^^^^^^^^
    = hint: it belongs in a service: [services.NAME]
)"},
    {"not built: cors, rewrite, fault",
     R"([services.web]
port = 3000
cors = true
rewrite = { from = "^/a", to = "/b" }
fault = { error = 503 }
)",
     R"(devproxy.toml:3:1: cors: not in 0.1
  3 | cors = true
    | ^^^^
    = hint: take the key out, or use a newer devproxy
devproxy.toml:4:1: rewrite: not in 0.1
  4 | rewrite = { from = "^/a", to = "/b" }
    | ^^^^^^^
    = hint: use strip_prefix where it is enough, or a newer devproxy
devproxy.toml:5:1: fault: not in 0.1
  5 | fault = { error = 503 }
    | ^^^^^
    = hint: take the key out, or use a newer devproxy
)"},
};
// clang-format on

TEST_CASE("broken files: keys that are unknown or not built", "[config]") {
  check_all(broken_key_rows);
}

}  // namespace
}  // namespace devproxy
