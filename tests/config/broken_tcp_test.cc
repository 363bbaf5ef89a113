#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_tcp_rows[] = {
    {"tcp: not a port",
     R"([services.db]
port = 54321
listen = 70000
[services.cache]
port = 54322
listen = 0
)",
     R"(devproxy.toml:3:10: 70000 is not a port
  3 | listen = 70000
    |          ^^^^^
    = hint: a port is a number from 1 to 65535
devproxy.toml:6:10: 0 is not a port
  6 | listen = 0
    |          ^
    = hint: a port is a number from 1 to 65535
)"},
    {"tcp: an address",
     R"([services.db]
port = 54321
listen = ["127.0.0.1:5432"]
)",
     R"(devproxy.toml:3:10: listen: expected an integer, found a list
  3 | listen = ["127.0.0.1:5432"]
    |          ^^^^^^^^^^^^^^^^^^
)"},
    {"tcp: twice",
     R"([services.db]
port = 54321
listen = 5432
[services.replica]
port = 54322
listen = 5432
)",
     R"(devproxy.toml:6:10: the TCP port 5432 of "replica" is that of "db" already (devproxy.toml:3:10)
  6 | listen = 5432
    |          ^^^^
    = hint: give one of them another port
)"},
    {"tcp: the proxy's by default",
     R"([services.db]
port = 54321
listen = 6289
)",
     R"(devproxy.toml:3:10: the TCP port 6289 of "db" is one that the proxy listens on: 127.0.0.1:6289 by default
  3 | listen = 6289
    |          ^^^^
    = hint: give the service another port
)"},
    {"tcp: the proxy's as written",
     R"([services.db]
port = 54321
listen = 7000
[services.cache]
port = 54322
listen = 7001
[services.queue]
port = 54323
listen = 7002
[proxy]
expose = true
listen = ["127.0.0.2:7000", "[::1]:7001", "0.0.0.0:7002"]
)",
     R"(devproxy.toml:6:10: the TCP port 7001 of "cache" is one that the proxy listens on: [::1]:7001 (devproxy.toml:12:29)
  6 | listen = 7001
    |          ^^^^
    = hint: give the service another port
devproxy.toml:9:10: the TCP port 7002 of "queue" is one that the proxy listens on: 0.0.0.0:7002 (devproxy.toml:12:43)
  9 | listen = 7002
    |          ^^^^
    = hint: give the service another port
)"},
    {"tcp: forwards to itself",
     R"([services.db]
port = 5432
listen = 5432
[services.cache]
url = "http://localhost:6379"
host = "cache.localhost"
listen = 6379
)",
     R"(devproxy.toml:2:8: the service "db" forwards to itself: it listens on 5432 (devproxy.toml:3:10)
  2 | port = 5432
    |        ^^^^
    = hint: name the port of the server that should answer, or another one to listen on
devproxy.toml:5:7: the service "cache" forwards to itself: it listens on 6379 (devproxy.toml:7:10)
  5 | url = "http://localhost:6379"
    |       ^^^^^^^^^^^^^^^^^^^^^^^
    = hint: name the port of the server that should answer, or another one to listen on
)"},
    {"tcp: forwards to itself in a circle",
     R"([services.outside]
port = 5001
listen = 5000
[services.a]
port = 5002
listen = 5001
[services.b]
port = 5001
listen = 5002
)",
     R"(devproxy.toml:5:8: the service "a" forwards to itself: it listens on 5001 (devproxy.toml:6:10), by way of "b" (devproxy.toml:9:10)
  5 | port = 5002
    |        ^^^^
    = hint: name the port of the server that should answer, or another one to listen on
)"},
    {"tcp: a redirect",
     R"([services.old]
redirect = "https://example.com"
listen = 5432
)",
     R"(devproxy.toml:3:1: listen has no meaning for a redirect
  3 | listen = 5432
    | ^^^^^^
    = hint: take it out: nothing is forwarded
)"},
    {"tcp: a service that expects TLS",
     R"([services.api]
url = "https://example.com"
listen = 5432
)",
     R"(devproxy.toml:3:1: listen passes bytes on as they are, and "api" expects TLS (devproxy.toml:2:7)
  3 | listen = 5432
    | ^^^^^^
    = hint: take it out: requests reach the service by its host
)"},
    {"tcp: keys of routes without a host",
     R"([services.db]
port = 54321
listen = 5432
path = "/db"
timeout = "3s"
)",
     R"(devproxy.toml:4:1: path has no meaning without a host: "db" is reached by its TCP port alone (devproxy.toml:3:1)
  4 | path = "/db"
    | ^^^^
    = hint: take it out, or give the service a host for requests as well
devproxy.toml:5:1: timeout has no meaning without a host: "db" is reached by its TCP port alone (devproxy.toml:3:1)
  5 | timeout = "3s"
    | ^^^^^^^
    = hint: take it out, or give the service a host for requests as well
)"},
    {"tcp: a route to a service without a host",
     R"([services.db]
port = 54321
listen = 5432
[[routes]]
service = "db"
)",
     R"(devproxy.toml:4:1: this route has no host, and its service "db" has a TCP port (listen) and none either
  4 | [[routes]]
    | ^^^^^^^^^^
    = hint: say which requests are meant: host = "db.shop.localhost"
)"},
};
// clang-format on

}  // namespace

TEST_CASE("broken files: stable TCP ports", "[config]") {
  check_all(broken_tcp_rows);
}

}  // namespace devproxy
