#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_route_rows[] = {
    {"route: unknown service",
     R"([services.web]
port = 3000
[services.api]
port = 4000
[[routes]]
host = "a.localhost"
service = "wbe"
)",
     R"(devproxy.toml:7:11: unknown service "wbe"
  7 | service = "wbe"
    |           ^^^^^
    = hint: did you mean "web"?
)"},
    {"route: no service is near",
     R"([services.web]
port = 3000
[services.api]
port = 4000
[[routes]]
host = "a.localhost"
service = "search"
)",
     R"(devproxy.toml:7:11: unknown service "search"
  7 | service = "search"
    |           ^^^^^^^^
    = hint: there are: web, api
)"},
    {"route: no service at all",
     R"([[routes]]
host = "a.localhost"
service = "web"
)",
     R"(devproxy.toml:3:11: unknown service "web"
  3 | service = "web"
    |           ^^^^^
    = hint: there is no other service: add [services.web]
)"},
    {"route: service missing",
     R"([services.web]
port = 3000
[[routes]]
host = "a.localhost"
)",
     R"(devproxy.toml:3:1: this route has no service
  3 | [[routes]]
    | ^^^^^^^^^^
    = hint: say who answers: service = "web"
)"},
    {"route: key of a service",
     R"([services.web]
port = 3000
[[routes]]
service = "web"
host = "a.localhost"
port = 3000
)",
     R"(devproxy.toml:6:1: unknown key "port" in [[routes]]
  6 | port = 3000
    | ^^^^
    = hint: it belongs in a service: [services.NAME]
)"},
    {"conflict: two services",
     R"([services.web]
host = "shop.localhost"
port = 3000

[services.api]
host = "shop.localhost"
port = 4000
)",
     R"(devproxy.toml:5:1: this route to "api" can never be told apart from the one to "web" (devproxy.toml:1:1): both answer shop.localhost/
  5 | [services.api]
    | ^^^^^^^^^^^^^^
    = hint: give one of them another host, path, methods or headers
)"},
    {"conflict: other words, same route",
     R"([services.web]
port = 3000
[[routes]]
host = "A.localhost."
path = "/x/"
service = "web"
[[routes]]
host = ["b.localhost", "a.localhost"]
path = "/x"
service = "web"
)",
     R"(devproxy.toml:7:1: this route to "web" can never be told apart from the one to "web" (devproxy.toml:3:1): both answer a.localhost/x
  7 | [[routes]]
    | ^^^^^^^^^^
    = hint: give one of them another host, path, methods or headers
)"},
    {"conflict: same conditions in another order",
     R"([services.web]
port = 3000
[[routes]]
methods = ["GET", "PUT"]
headers = { a = "1", b = "2" }
service = "web"
[[routes]]
methods = ["PUT", "GET"]
headers = { B = "2", A = "1" }
service = "web"
)",
     R"(devproxy.toml:7:1: this route to "web" can never be told apart from the one to "web" (devproxy.toml:3:1): both answer web.shop.localhost/
  7 | [[routes]]
    | ^^^^^^^^^^
    = hint: give one of them another host, path, methods or headers
)"},
    {"unreachable: methods of one earlier route",
     R"([services.web]
port = 3000
[[routes]]
methods = ["GET", "HEAD"]
service = "web"
[[routes]]
methods = ["GET"]
service = "web"
)",
     R"(devproxy.toml:6:1: this route to "web" can never be reached: all its methods for web.shop.localhost/ are taken by earlier routes (devproxy.toml:3:1)
  6 | [[routes]]
    | ^^^^^^^^^^
    = hint: put it before them, or give it another path or headers
)"},
    {"unreachable: methods of several earlier routes",
     R"([services.web]
port = 3000
[[routes]]
methods = ["GET"]
service = "web"
[[routes]]
methods = ["PUT"]
service = "web"
[[routes]]
methods = ["GET", "PUT"]
service = "web"
)",
     R"(devproxy.toml:9:1: this route to "web" can never be reached: all its methods for web.shop.localhost/ are taken by earlier routes (devproxy.toml:3:1, devproxy.toml:6:1)
  9 | [[routes]]
    | ^^^^^^^^^^
    = hint: put it before them, or give it another path or headers
)"},
    {"loop: the default port",
     R"([services.web]
port = 6289
)",
     R"(devproxy.toml:2:8: the service "web" is the proxy itself: it listens on 127.0.0.1:6289 by default
  2 | port = 6289
    |        ^^^^
    = hint: name the port of the server that should answer
)"},
    {"loop: url to a listener",
     R"([services.web]
url = "http://app.localhost:7000"
[proxy]
listen = ["127.0.0.1:7000"]
)",
     R"(devproxy.toml:2:7: the service "web" is the proxy itself: it listens on 127.0.0.1:7000 (devproxy.toml:4:11)
  2 | url = "http://app.localhost:7000"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: name the port of the server that should answer
)"},
    {"loop: listener for any address",
     R"([services.web]
port = 7000
[proxy]
expose = true
listen = ["0.0.0.0:7000"]
)",
     R"(devproxy.toml:2:8: the service "web" is the proxy itself: it listens on 0.0.0.0:7000 (devproxy.toml:5:11)
  2 | port = 7000
    |        ^^^^
    = hint: name the port of the server that should answer
)"},
    {"loop: redirect to itself",
     R"([services.old]
host = "old.localhost"
redirect = "http://old.localhost:6289"
)",
     R"(devproxy.toml:3:12: the redirect leads back to its own route (devproxy.toml:1:1) on the proxy's listener 127.0.0.1:6289 by default
  3 | redirect = "http://old.localhost:6289"
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: redirect to another host, or give the route another host
)"},
    {"loop: redirect through a wildcard",
     R"([services.old]
host = "*.old.localhost"
redirect = "http://www.old.localhost:6289/"
)",
     R"(devproxy.toml:3:12: the redirect leads back to its own route (devproxy.toml:1:1) on the proxy's listener 127.0.0.1:6289 by default
  3 | redirect = "http://www.old.localhost:6289/"
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: redirect to another host, or give the route another host
)"},
    {"loop: every address of this machine, dialled",
     R"([services.web]
url = "http://0.0.0.0:6289"
)",
     R"(devproxy.toml:2:7: the service "web" is the proxy itself: it listens on 127.0.0.1:6289 by default
  2 | url = "http://0.0.0.0:6289"
    |       ^^^^^^^^^^^^^^^^^^^^^
    = hint: name the port of the server that should answer
)"},
    {"loop: every address of this machine, dialled by IPv6",
     R"([services.web]
url = "http://[::]:6289"
)",
     R"(devproxy.toml:2:7: the service "web" is the proxy itself: it listens on [::1]:6289 by default
  2 | url = "http://[::]:6289"
    |       ^^^^^^^^^^^^^^^^^^
    = hint: name the port of the server that should answer
)"},
    {"loop: an IPv4 address in IPv6 form",
     R"([services.web]
url = "http://[::ffff:127.0.0.1]:6289"
)",
     R"(devproxy.toml:2:7: the service "web" is the proxy itself: it listens on 127.0.0.1:6289 by default
  2 | url = "http://[::ffff:127.0.0.1]:6289"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: name the port of the server that should answer
)"},
};
// clang-format on

TEST_CASE("broken files: routes, conflicts and loops", "[config]") {
  check_all(broken_route_rows);
}

}  // namespace
}  // namespace devproxy
