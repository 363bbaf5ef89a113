#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_target_rows[] = {
    {"url: no scheme",
     R"([services.api]
url = "127.0.0.1:3000"
)",
     R"(devproxy.toml:2:7: the url "127.0.0.1:3000" has no scheme
  2 | url = "127.0.0.1:3000"
    |       ^^^^^^^^^^^^^^^^
    = hint: write "http://127.0.0.1:3000" or "unix:/path"
)"},
    {"url: unknown scheme",
     R"([services.api]
url = "ftp://127.0.0.1"
)",
     R"(devproxy.toml:2:7: the url "ftp://127.0.0.1" has the scheme "ftp"
  2 | url = "ftp://127.0.0.1"
    |       ^^^^^^^^^^^^^^^^^
    = hint: a service is reached by http://, https://, h2c:// (gRPC) or unix:/
)"},
    {"url: path",
     R"([services.api]
url = "http://127.0.0.1:3000/api"
)",
     R"(devproxy.toml:2:7: the url "http://127.0.0.1:3000/api" holds a path: "/api"
  2 | url = "http://127.0.0.1:3000/api"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: a url names a server: write "http://127.0.0.1:3000"; path and strip_prefix say which requests go there
)"},
    {"url: user",
     R"([services.api]
url = "http://me:secret@127.0.0.1:3000"
)",
     R"(devproxy.toml:2:7: the url "http://me:secret@127.0.0.1:3000" holds a user name
  2 | url = "http://me:secret@127.0.0.1:3000"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: take it out: devproxy sends no passwords
)"},
    {"url: bad port",
     R"([services.api]
url = "http://127.0.0.1:99999"
)",
     R"(devproxy.toml:2:7: "http://127.0.0.1:99999" has a bad port: "99999"
  2 | url = "http://127.0.0.1:99999"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: a port is a number from 1 to 65535
)"},
    {"url: no host",
     R"([services.api]
url = "http://:3000"
)",
     R"(devproxy.toml:2:7: "http://:3000" has a bad host: ""
  2 | url = "http://:3000"
    |       ^^^^^^^^^^^^^^
    = hint: write a name or an address, as in "http://127.0.0.1:3000"
)"},
    {"url: bad IPv6",
     R"([services.api]
url = "http://[::1:3000"
)",
     R"(devproxy.toml:2:7: "http://[::1:3000" has a bad IPv6 address
  2 | url = "http://[::1:3000"
    |       ^^^^^^^^^^^^^^^^^^
    = hint: write it like "http://[::1]:3000"
)"},
    {"url: path of an https url",
     R"([services.api]
url = "https://example.com/api"
)",
     R"(devproxy.toml:2:7: the url "https://example.com/api" holds a path: "/api"
  2 | url = "https://example.com/api"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: a url names a server: write "https://example.com"; path and strip_prefix say which requests go there
)"},
    {"url: port of h2c",
     R"([services.api]
url = "h2c://127.0.0.1:0"
)",
     R"(devproxy.toml:2:7: "h2c://127.0.0.1:0" has a bad port: "0"
  2 | url = "h2c://127.0.0.1:0"
    |       ^^^^^^^^^^^^^^^^^^^
    = hint: a port is a number from 1 to 65535
)"},
    {"insecure: plain url",
     R"([services.api]
url = "http://127.0.0.1:3000"
insecure = true
)",
     R"(devproxy.toml:3:1: insecure has no meaning here: no TLS is spoken to "api"
  3 | insecure = true
    | ^^^^^^^^
    = hint: take it out, or write url = "https://…"
)"},
    {"ca: port",
     R"([services.api]
port = 3000
ca = "ok.toml"
)",
     R"(devproxy.toml:3:1: ca has no meaning here: no TLS is spoken to "api"
  3 | ca = "ok.toml"
    | ^^
    = hint: take it out, or write url = "https://…"
)"},
    {"ca: missing file",
     R"([services.api]
url = "https://example.com"
ca = "certs/ca.pem"
)",
     R"(devproxy.toml:3:6: ca: cannot read certs/ca.pem: there is no such file
  3 | ca = "certs/ca.pem"
    |      ^^^^^^^^^^^^^^
    = hint: paths are relative to the file that names them
)"},
    {"insecure: no boolean",
     R"([services.api]
url = "https://example.com"
insecure = "true"
)",
     R"(devproxy.toml:3:12: insecure: expected true or false, found a string
  3 | insecure = "true"
    |            ^^^^^^
    = hint: write it without quotes: insecure = true
)"},
    {"url: relative socket",
     R"([services.api]
url = "unix:web.sock"
)",
     R"(devproxy.toml:2:7: the socket in "unix:web.sock" is not an absolute path
  2 | url = "unix:web.sock"
    |       ^^^^^^^^^^^^^^^
    = hint: write it like "unix:/run/user/1000/web.sock"
)"},
    {"url: long socket path",
     R"([services.api]
url = "unix:/ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
)",
     R"(devproxy.toml:2:7: the socket's path is 111 bytes long
  2 | url = "unix:/ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: a socket's path has at most 107: put it in a shorter folder
)"},
    {"redirect: no scheme",
     R"([services.old]
redirect = "/new"
)",
     R"(devproxy.toml:2:12: the redirect "/new" is not an http:// or https:// address
  2 | redirect = "/new"
    |            ^^^^^^
    = hint: write the whole address, like "http://shop.localhost:6289"
)"},
    {"redirect: space",
     R"([services.old]
redirect = "https://shop.localhost/a b"
)",
     R"(devproxy.toml:2:12: the redirect "https://shop.localhost/a b" holds a character that no address has
  2 | redirect = "https://shop.localhost/a b"
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: write it percent-encoded
)"},
    {"redirect: forwarding keys",
     R"([services.old]
redirect = "https://example.com"
hold = "1s"
strip_prefix = true
)",
     R"(devproxy.toml:3:1: hold has no meaning for a redirect
  3 | hold = "1s"
    | ^^^^
    = hint: take it out: nothing is forwarded
devproxy.toml:4:1: strip_prefix has no meaning for a redirect
  4 | strip_prefix = true
    | ^^^^^^^^^^^^
    = hint: take it out: nothing is forwarded
)"},
};
// clang-format on

TEST_CASE("broken files: url and redirect", "[config]") {
  check_all(broken_target_rows);
}

}  // namespace
}  // namespace devproxy
