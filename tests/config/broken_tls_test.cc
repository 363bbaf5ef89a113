#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_tls_rows[] = {
    {"https: unknown word",
     R"([proxy]
https = "always"
)",
     R"(devproxy.toml:2:9: https: expected "on", "off" or "redirect", found "always"
  2 | https = "always"
    |         ^^^^^^^^
    = hint: "on" serves HTTPS and HTTP, "redirect" sends HTTP to HTTPS
)"},
    {"https: a boolean",
     R"([proxy]
https = true
)",
     R"(devproxy.toml:2:9: https: expected a string, found a boolean
  2 | https = true
    |         ^^^^
    = hint: write https = "on"
)"},
    {"https: off, and a listener for TLS alone",
     R"([proxy]
https = "off"
listen = [{ addr = "127.0.0.1:7000", only = "tls" }]
)",
     R"(devproxy.toml:3:45: only = "tls" leaves nobody to serve: https is "off" (devproxy.toml:2:9)
  3 | listen = [{ addr = "127.0.0.1:7000", only = "tls" }]
    |                                             ^^^^^
    = hint: take one of them out
)"},
    {"https: redirect to nowhere",
     R"([proxy]
https = "redirect"
listen = [{ addr = "127.0.0.1:7000", only = "plain" }]
)",
     R"(devproxy.toml:2:9: https = "redirect" leads nowhere: every listener is only = "plain" (devproxy.toml:3:20)
  2 | https = "redirect"
    |         ^^^^^^^^^^
    = hint: add a listener for TLS, or write https = "off"
)"},
    {"only: unknown word",
     R"([proxy]
listen = [{ addr = "127.0.0.1:7000", only = "https" }]
)",
     R"(devproxy.toml:2:45: only: expected "tls" or "plain", found "https"
  2 | listen = [{ addr = "127.0.0.1:7000", only = "https" }]
    |                                             ^^^^^^^
    = hint: leave it out to accept both
)"},
    {"only: plain, with a certificate",
     R"([proxy]
listen = { addr = "127.0.0.1:7000", only = "plain", tls = { cert = "ok.toml", key = "ok.toml" } }
)",
     R"(devproxy.toml:2:53: tls has no meaning here: this entry is only = "plain"
  2 | listen = { addr = "127.0.0.1:7000", only = "plain", tls = { cert = "ok.toml", key = "ok.toml" } }
    |                                                     ^^^
    = hint: take one of them out
)"},
    {"tls: no key",
     R"([services.web]
port = 3000
tls = { cert = "ok.toml" }
)",
     R"(devproxy.toml:3:7: tls has a cert and no key
  3 | tls = { cert = "ok.toml" }
    |       ^^^^^^^^^^^^^^^^^^^^
    = hint: write { cert = "x.pem", key = "x-key.pem" }, or leave tls out for the local CA
)"},
    {"tls: no cert",
     R"([services.web]
port = 3000
tls = { key = "ok.toml" }
)",
     R"(devproxy.toml:3:7: tls has a key and no cert
  3 | tls = { key = "ok.toml" }
    |       ^^^^^^^^^^^^^^^^^^^
    = hint: write { cert = "x.pem", key = "x-key.pem" }, or leave tls out for the local CA
)"},
    {"tls: empty",
     R"([proxy]
tls = {}
)",
     R"(devproxy.toml:2:7: tls has neither cert nor key
  2 | tls = {}
    |       ^^
    = hint: write { cert = "x.pem", key = "x-key.pem" }, or leave tls out for the local CA
)"},
    {"tls: a string",
     R"([proxy]
tls = "ok.toml"
)",
     R"(devproxy.toml:2:7: tls: expected a table, found a string
  2 | tls = "ok.toml"
    |       ^^^^^^^^^
    = hint: write tls = { cert = "ok.toml", key = "…" }
)"},
    {"tls: unknown key",
     R"([proxy.tls]
crt = "ok.toml"
key = "ok.toml"
)",
     R"(devproxy.toml:1:1: tls has a key and no cert
  1 | [proxy.tls]
    | ^^^^^^^^^^^
    = hint: write { cert = "x.pem", key = "x-key.pem" }, or leave tls out for the local CA
devproxy.toml:2:1: unknown key "crt" in tls
  2 | crt = "ok.toml"
    | ^^^
    = hint: did you mean "cert"?
)"},
    {"tls: no such files",
     R"([proxy]
tls = { cert = "certs/shop.pem", key = "../shop.key" }
)",
     R"(devproxy.toml:2:16: cert: cannot read certs/shop.pem: there is no such file
  2 | tls = { cert = "certs/shop.pem", key = "../shop.key" }
    |                ^^^^^^^^^^^^^^^^
    = hint: paths are relative to the file that names them
devproxy.toml:2:40: key: cannot read ../shop.key: there is no such file
  2 | tls = { cert = "certs/shop.pem", key = "../shop.key" }
    |                                        ^^^^^^^^^^^^^
    = hint: paths are relative to the file that names them
)"},
    {"tls: folders",
     R"([services.web]
port = 3000
tls = { cert = ".", key = "ok.toml" }
)",
     R"(devproxy.toml:3:16: cert: cannot read .: it is a folder
  3 | tls = { cert = ".", key = "ok.toml" }
    |                ^^^
    = hint: name a PEM file that you may read
)"},
    {"tls: home folder",
     R"([services.web]
port = 3000
tls = { cert = "~/shop.pem", key = "~me/shop.key" }
)",
     R"(devproxy.toml:3:16: "~/shop.pem" begins with "~", which is not expanded
  3 | tls = { cert = "~/shop.pem", key = "~me/shop.key" }
    |                ^^^^^^^^^^^^
    = hint: write "${HOME}/shop.pem"
devproxy.toml:3:36: "~me/shop.key" begins with "~", which is not expanded
  3 | tls = { cert = "~/shop.pem", key = "~me/shop.key" }
    |                                    ^^^^^^^^^^^^^^
    = hint: write the whole path
)"},
    {"tls: empty path",
     R"([services.web]
port = 3000
tls = { cert = "", key = "ok.toml" }
)",
     R"(devproxy.toml:3:16: cert is empty
  3 | tls = { cert = "", key = "ok.toml" }
    |                ^^
    = hint: write the path of a PEM file
)"},
    {"tls: a host with two certificates",
     R"([services.web]
host = ["www.localhost", "shop.localhost"]
port = 3000
tls = { cert = "ok.toml", key = "ok.toml" }
[services.api]
host = "shop.localhost"
path = "/api"
port = 4000
tls = { cert = "devproxy.toml", key = "ok.toml" }
)",
     R"(devproxy.toml:9:7: shop.localhost has another certificate already (devproxy.toml:4:7)
  9 | tls = { cert = "devproxy.toml", key = "ok.toml" }
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: a host has one: keep the one that you mean
)"},
    {"tls: of every host",
     R"([services.any]
host = "*"
port = 3000
tls = { cert = "ok.toml", key = "ok.toml" }
)",
     R"(devproxy.toml:4:7: tls has no name to be for: the host of "any" is "*"
  4 | tls = { cert = "ok.toml", key = "ok.toml" }
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: write it in [proxy], where it is for every name, or name the hosts
)"},
    {"remove_hsts: a string",
     R"([proxy]
remove_hsts = "no"
)",
     R"(devproxy.toml:2:15: remove_hsts: expected true or false, found a string
  2 | remove_hsts = "no"
    |               ^^^^
)"},
    {"loop: a redirect to the proxy's own https",
     R"([services.old]
host = "old.localhost"
redirect = "https://old.localhost:6289"
)",
     R"(devproxy.toml:3:12: the redirect leads back to its own route (devproxy.toml:1:1) on the proxy's listener 127.0.0.1:6289 by default
  3 | redirect = "https://old.localhost:6289"
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: redirect to another host, or give the route another host
)"},
    {"loop: https and h2c to the proxy itself",
     R"([services.a]
url = "https://localhost:6289"
[services.b]
url = "h2c://[::1]:6289"
)",
     R"(devproxy.toml:2:7: the service "a" is the proxy itself: it listens on 127.0.0.1:6289 by default
  2 | url = "https://localhost:6289"
    |       ^^^^^^^^^^^^^^^^^^^^^^^^
    = hint: name the port of the server that should answer
devproxy.toml:4:7: the service "b" is the proxy itself: it listens on [::1]:6289 by default
  4 | url = "h2c://[::1]:6289"
    |       ^^^^^^^^^^^^^^^^^^
    = hint: name the port of the server that should answer
)"},
};

constexpr Broken domains[] = {
    {"domains: empty list",
     R"([proxy]
domains = []
)",
     R"(devproxy.toml:2:11: domains is an empty list
  2 | domains = []
    |           ^^
    = hint: leave the key out for its default
)"},
    {"domains: a string",
     R"([proxy]
domains = "shop.test"
)",
     R"(devproxy.toml:2:11: domains: expected a list of strings, found a string
  2 | domains = "shop.test"
    |           ^^^^^^^^^^^
    = hint: write domains = ["shop.test"]
)"},
    {"domains: of the public",
     R"([proxy]
domains = ["com", "io", "co.uk", "github.io", "DEV", "xn--p1ai"]
)",
     R"(devproxy.toml:2:12: the domain "com" belongs to the public: the local CA could sign for everybody's sites
  2 | domains = ["com", "io", "co.uk", "github.io", "DEV", "xn--p1ai"]
    |            ^^^^^
    = hint: name your own part of it, like "shop.com", or a name that never leaves this machine, like "shop.test"
devproxy.toml:2:19: the domain "io" belongs to the public: the local CA could sign for everybody's sites
  2 | domains = ["com", "io", "co.uk", "github.io", "DEV", "xn--p1ai"]
    |                   ^^^^
    = hint: name your own part of it, like "shop.io", or a name that never leaves this machine, like "shop.test"
devproxy.toml:2:25: the domain "co.uk" belongs to the public: the local CA could sign for everybody's sites
  2 | domains = ["com", "io", "co.uk", "github.io", "DEV", "xn--p1ai"]
    |                         ^^^^^^^
    = hint: name your own part of it, like "shop.co.uk", or a name that never leaves this machine, like "shop.test"
devproxy.toml:2:34: the domain "github.io" belongs to the public: the local CA could sign for everybody's sites
  2 | domains = ["com", "io", "co.uk", "github.io", "DEV", "xn--p1ai"]
    |                                  ^^^^^^^^^^^
    = hint: name your own part of it, like "shop.github.io", or a name that never leaves this machine, like "shop.test"
devproxy.toml:2:47: the domain "DEV" belongs to the public: the local CA could sign for everybody's sites
  2 | domains = ["com", "io", "co.uk", "github.io", "DEV", "xn--p1ai"]
    |                                               ^^^^^
    = hint: name your own part of it, like "shop.dev", or a name that never leaves this machine, like "shop.test"
devproxy.toml:2:54: the domain "xn--p1ai" belongs to the public: the local CA could sign for everybody's sites
  2 | domains = ["com", "io", "co.uk", "github.io", "DEV", "xn--p1ai"]
    |                                                      ^^^^^^^^^^
    = hint: name your own part of it, like "shop.xn--p1ai", or a name that never leaves this machine, like "shop.test"
)"},
    {"domains: no names",
     R"([proxy]
domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
)",
     R"(devproxy.toml:2:12: the domain is empty
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |            ^^
    = hint: write a name like "shop.test"
devproxy.toml:2:16: the domain "*" is not a DNS name
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                ^^^
    = hint: write labels of letters, digits and inner hyphens, at most 63 each, with one dot between them
devproxy.toml:2:21: the domain "*.shop.test" holds a wildcard
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                     ^^^^^^^^^^^^^
    = hint: a domain stands for all names below it: write "shop.test"
devproxy.toml:2:36: the domain ".test" begins or ends with a dot
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                                    ^^^^^^^
    = hint: write "test"
devproxy.toml:2:45: the domain "shop.test." begins or ends with a dot
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                                             ^^^^^^^^^^^^
    = hint: write "shop.test"
devproxy.toml:2:59: the domain ".." begins or ends with a dot
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                                                           ^^^^
    = hint: write a name like "shop.test"
devproxy.toml:2:65: the domain "127.0.0.1" is not a name
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                                                                 ^^^^^^^^^^^
    = hint: write a name without scheme, port and path; loopback addresses are always covered
devproxy.toml:2:78: the domain "[::1]" is not a name
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                                                                              ^^^^^^^
    = hint: write a name without scheme, port and path; loopback addresses are always covered
devproxy.toml:2:87: the domain "https://a.test" is not a name
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                                                                                       ^^^^^^^^^^^^^^^^
    = hint: write a name without scheme, port and path; loopback addresses are always covered
devproxy.toml:2:105: the domain "a.test:1" is not a name
  2 | domains = ["", "*", "*.shop.test", ".test", "shop.test.", "..", "127.0.0.1", "[::1]", "https://a.test", "a.test:1"]
    |                                                                                                         ^^^^^^^^^^
    = hint: write a name without scheme, port and path; loopback addresses are always covered
)"},
    {"domains: labels",
     R"([proxy]
domains = ["a..test", "a_b.test", "-a.test", "ä.test", "a b"]
)",
     R"(devproxy.toml:2:12: the domain "a..test" is not a DNS name
  2 | domains = ["a..test", "a_b.test", "-a.test", "ä.test", "a b"]
    |            ^^^^^^^^^
    = hint: write labels of letters, digits and inner hyphens, at most 63 each, with one dot between them
devproxy.toml:2:23: the domain "a_b.test" is not a DNS name
  2 | domains = ["a..test", "a_b.test", "-a.test", "ä.test", "a b"]
    |                       ^^^^^^^^^^
    = hint: write labels of letters, digits and inner hyphens, at most 63 each, with one dot between them
devproxy.toml:2:35: the domain "-a.test" is not a DNS name
  2 | domains = ["a..test", "a_b.test", "-a.test", "ä.test", "a b"]
    |                                   ^^^^^^^^^
    = hint: write labels of letters, digits and inner hyphens, at most 63 each, with one dot between them
devproxy.toml:2:46: the domain "ä.test" is not a DNS name
  2 | domains = ["a..test", "a_b.test", "-a.test", "ä.test", "a b"]
    |                                              ^^^^^^^^
    = hint: write labels of letters, digits and inner hyphens, at most 63 each, with one dot between them
devproxy.toml:2:56: the domain "a b" is not a DNS name
  2 | domains = ["a..test", "a_b.test", "-a.test", "ä.test", "a b"]
    |                                                        ^^^^^
    = hint: write labels of letters, digits and inner hyphens, at most 63 each, with one dot between them
)"},
    {"domains: twice",
     R"([proxy]
domains = ["shop.test", "Shop.Test"]
)",
     R"(devproxy.toml:2:25: "shop.test" stands twice in domains
  2 | domains = ["shop.test", "Shop.Test"]
    |                         ^^^^^^^^^^^
    = hint: take one out
)"},
};
// clang-format on

TEST_CASE("broken files: certificates and https", "[config]") {
  check_all(broken_tls_rows);
}

TEST_CASE("broken files: domains", "[config]") {
  check_all(domains);
}

}  // namespace
}  // namespace devproxy
