#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_proxy_rows[] = {
    {"listen: no port",
     R"([proxy]
listen = ["127.0.0.1"]
)",
     R"(devproxy.toml:2:11: the address "127.0.0.1" has no port
  2 | listen = ["127.0.0.1"]
    |           ^^^^^^^^^^^
    = hint: write "127.0.0.1:6289" or "[::1]:6289"
)"},
    {"listen: a name",
     R"([proxy]
listen = ["localhost:7000"]
)",
     R"(devproxy.toml:2:11: listen takes addresses, not names: "localhost:7000"
  2 | listen = ["localhost:7000"]
    |           ^^^^^^^^^^^^^^^^
    = hint: write ["127.0.0.1:7000", "[::1]:7000"]
)"},
    {"listen: port alone",
     R"([proxy]
listen = [":7000"]
)",
     R"(devproxy.toml:2:11: ":7000" is not an address and a port
  2 | listen = [":7000"]
    |           ^^^^^^^
    = hint: write "127.0.0.1:6289" or "[::1]:6289"
)"},
    {"listen: bad port",
     R"([proxy]
listen = ["127.0.0.1:70000"]
)",
     R"(devproxy.toml:2:11: the address "127.0.0.1:70000" has a bad port: "70000"
  2 | listen = ["127.0.0.1:70000"]
    |           ^^^^^^^^^^^^^^^^^
    = hint: a port is a number from 1 to 65535, or 0 for any free one
)"},
    {"listen: IPv6 without brackets",
     R"([proxy]
listen = ["::1:7000"]
)",
     R"(devproxy.toml:2:11: "::1:7000" is not an address and a port
  2 | listen = ["::1:7000"]
    |           ^^^^^^^^^^
    = hint: write "127.0.0.1:6289" or "[::1]:6289"
)"},
    {"listen: not loopback",
     R"([proxy]
listen = ["0.0.0.0:7000"]
)",
     R"(devproxy.toml:2:11: other machines could reach 0.0.0.0:7000
  2 | listen = ["0.0.0.0:7000"]
    |           ^^^^^^^^^^^^^^
    = hint: listen on 127.0.0.1 or [::1], or say that you want it: expose = true in [proxy]
)"},
    {"listen: twice",
     R"([proxy]
listen = ["127.0.0.1:7000", "[::1]:7000", "127.0.0.1:7000"]
)",
     R"(devproxy.toml:2:43: 127.0.0.1:7000 stands twice in listen (devproxy.toml:2:11)
  2 | listen = ["127.0.0.1:7000", "[::1]:7000", "127.0.0.1:7000"]
    |                                           ^^^^^^^^^^^^^^^^
    = hint: take one out
)"},
    {"listen: overlap",
     R"([proxy]
expose = true
listen = ["0.0.0.0:7000", "127.0.0.1:7000"]
)",
     R"(devproxy.toml:3:27: 127.0.0.1:7000 and 0.0.0.0:7000 (devproxy.toml:3:11) overlap
  3 | listen = ["0.0.0.0:7000", "127.0.0.1:7000"]
    |                           ^^^^^^^^^^^^^^^^
    = hint: keep the one that you mean
)"},
    {"listen: empty list",
     R"([proxy]
listen = []
)",
     R"(devproxy.toml:2:10: listen is an empty list
  2 | listen = []
    |          ^^
    = hint: leave the key out for its default
)"},
    {"listen: table without addr",
     R"([proxy]
listen = [{}]
)",
     R"(devproxy.toml:2:11: this entry of listen has no addr
  2 | listen = [{}]
    |           ^^
    = hint: write { addr = "127.0.0.1:6289" }
)"},
    {"listen: unknown key in its table",
     R"([proxy]
listen = [{ adr = "127.0.0.1:7000" }]
)",
     R"(devproxy.toml:2:11: this entry of listen has no addr
  2 | listen = [{ adr = "127.0.0.1:7000" }]
    |           ^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: write { addr = "127.0.0.1:6289" }
devproxy.toml:2:13: unknown key "adr" in an entry of listen
  2 | listen = [{ adr = "127.0.0.1:7000" }]
    |             ^^^
    = hint: did you mean "addr"?
)"},
    {"log: unknown level",
     R"([proxy]
log = "verbose"
)",
     R"(devproxy.toml:2:7: log: unknown level "verbose"
  2 | log = "verbose"
    |       ^^^^^^^^^
    = hint: write "debug", "info", "warn", "error" or "off"
)"},
    {"access_log: unknown word",
     R"([proxy]
access_log = "short"
)",
     R"(devproxy.toml:2:14: access_log: expected true, false or "full", found "short"
  2 | access_log = "short"
    |              ^^^^^^^
    = hint: "full" logs the query too
)"},
    {"trusted_proxies: no address",
     R"([proxy]
trusted_proxies = ["proxy.local"]
)",
     R"(devproxy.toml:2:20: "proxy.local" is not an address or a CIDR block
  2 | trusted_proxies = ["proxy.local"]
    |                    ^^^^^^^^^^^^^
    = hint: write one like "127.0.0.1" or "10.0.0.0/8"
)"},
    {"trusted_proxies: prefix length",
     R"([proxy]
trusted_proxies = ["10.0.0.0/33"]
)",
     R"(devproxy.toml:2:20: the block "10.0.0.0/33" has a bad prefix length
  2 | trusted_proxies = ["10.0.0.0/33"]
    |                    ^^^^^^^^^^^^^
    = hint: write a number from 0 to 32 after the "/"
)"},
    {"trusted_proxies: bits behind the prefix",
     R"([proxy]
trusted_proxies = ["10.1.2.3/8"]
)",
     R"(devproxy.toml:2:20: the block "10.1.2.3/8" has bits set behind its prefix
  2 | trusted_proxies = ["10.1.2.3/8"]
    |                    ^^^^^^^^^^^^
    = hint: write "10.0.0.0/8", or the address without "/"
)"},
    {"trusted_proxies: twice",
     R"([proxy]
trusted_proxies = ["::1", "0:0::1"]
)",
     R"(devproxy.toml:2:27: "::1" stands twice in trusted_proxies
  2 | trusted_proxies = ["::1", "0:0::1"]
    |                           ^^^^^^^^
    = hint: take one out
)"},
};
// clang-format on

TEST_CASE("broken files: the proxy's own settings", "[config]") {
  check_all(broken_proxy_rows);
}

}  // namespace
}  // namespace devproxy
