#include "tests/config/broken.h"

namespace devproxy {
namespace {

// clang-format off
constexpr Broken broken_syntax_rows[] = {
    {"syntax: string not closed",
     R"([services.web]
host = "shop.localhost
port = 3000
)",
     R"(devproxy.toml:2:8: this string is not closed on its line
  2 | host = "shop.localhost
    |        ^^^^^^^^^^^^^^^
    = hint: add the closing "
)"},
    {"syntax: string not closed at the end of the file",
     R"([services.web]
port = 3000
host = "shop)",
     R"(devproxy.toml:3:8: this string is not closed on its line
  3 | host = "shop
    |        ^^^^^
    = hint: add the closing "
)"},
    {"syntax: list not closed",
     R"([services.web]
port = 3000
host = ["a.localhost",
  "b.localhost"
)",
     R"(devproxy.toml:3:8: this list is never closed
  3 | host = ["a.localhost",
    |        ^
    = hint: add the closing ]
)"},
    {"syntax: word without quotes",
     R"([services.web]
port = 3000
host = shop.localhost
)",
     R"(devproxy.toml:3:8: shop.localhost is not a value
  3 | host = shop.localhost
    |        ^^^^^^^^^^^^^^
    = hint: write texts in quotes: "shop.localhost"
)"},
    {"syntax: header of a list with an empty name behind a dot",
     R"([[ services. ]]
port = 3000
)",
     R"(devproxy.toml:1:1: [[services.]] has a dot without a name on each side
  1 | [[ services. ]]
    | ^^^^^^^^^^^^^^^
    = hint: write a name before and behind each dot, like [services.web]
)"},
    {"syntax: key with an empty name between dots",
     R"([services.web]
port = 3000
  tls..cert = "x.pem"
)",
     R"(devproxy.toml:3:3: tls..cert has a dot without a name on each side
  3 |   tls..cert = "x.pem"
    |   ^^^^^^^^^
    = hint: write a name before and behind each dot, like tls.cert = "x.pem"
)"},
    {"syntax: value without a key",
     R"([services.web]
= 3000
)",
     R"(devproxy.toml:2:1: there is no key in front of the =
  2 | = 3000
    | ^
    = hint: write key = value
)"},
    {"syntax: boolean in other words",
     R"([services.web]
port = 3000
strip_prefix = yes
)",
     R"(devproxy.toml:3:16: yes is not a value
  3 | strip_prefix = yes
    |                ^^^
    = hint: write true
)"},
    {"syntax: duration without quotes",
     R"([services.web]
port = 3000
timeout = 5s
)",
     R"(devproxy.toml:3:11: 5s is not a value
  3 | timeout = 5s
    |           ^^
    = hint: write texts in quotes: "5s"
)"},
    {"syntax: number with a letter",
     R"([services.web]
port = 8O80
)",
     R"(devproxy.toml:2:8: 8O80 is not a value
  2 | port = 8O80
    |        ^^^^
    = hint: write texts in quotes: "8O80"
)"},
    {"syntax: number with a leading zero",
     R"([services.web]
port = 0300
)",
     R"(devproxy.toml:2:8: the number 0300 begins with a zero
  2 | port = 0300
    |        ^^^^
    = hint: write it without, or in quotes
)"},
    {"syntax: number too large",
     R"([services.web]
port = 99999999999999999999
)",
     R"(devproxy.toml:2:8: the number 99999999999999999999 is too large
  2 | port = 99999999999999999999
    |        ^^^^^^^^^^^^^^^^^^^^
    = hint: write a smaller one
)"},
    {"syntax: colon for equals",
     R"([services.web]
port: 3000
)",
     R"(devproxy.toml:2:1: expected key = value
  2 | port: 3000
    | ^^^^^^^^^^
    = hint: write texts in quotes, and headers in [brackets]
)"},
    {"syntax: key without a value",
     R"([services.web]
port =
host = "a.localhost"
)",
     R"(devproxy.toml:2:1: port = has no value
  2 | port =
    | ^^^^^^
    = hint: write key = value
)"},
    {"syntax: word alone",
     R"([services.web]
port
)",
     R"(devproxy.toml:2:1: expected key = value
  2 | port
    | ^^^^
    = hint: write texts in quotes, and headers in [brackets]
)"},
    {"syntax: header not closed",
     R"([services.web
port = 3000
)",
     R"(devproxy.toml:1:1: this header is not closed
  1 | [services.web
    | ^^^^^^^^^^^^^
    = hint: end it with ]
)"},
    {"syntax: list header half closed",
     R"([[routes]
service = "web"
)",
     R"(devproxy.toml:1:1: this header is not closed
  1 | [[routes]
    | ^^^^^^^^^
    = hint: end it with ]]
)"},
    {"syntax: header without a name",
     R"([]
)",
     R"(devproxy.toml:1:1: this header has no name
  1 | []
    | ^^
    = hint: write one like [services.web]
)"},
    {"syntax: text behind a header",
     R"([services.web] port = 3000
)",
     R"(devproxy.toml:1:16: a header stands alone on its line
  1 | [services.web] port = 3000
    |                ^
    = hint: take out what is not part of it
)"},
    {"syntax: two pairs on a line",
     R"([services.web]
port = 3000 host = "a.localhost"
)",
     R"(devproxy.toml:2:13: there is something behind the value
  2 | port = 3000 host = "a.localhost"
    |             ^
    = hint: write one key = value a line; # begins a comment
)"},
    {"syntax: table twice",
     R"([services.web]
port = 3000

[services.api]
port = 4000

[services.web]
host = "a.localhost"
)",
     R"(devproxy.toml:7:1: [services.web] stands twice (first at devproxy.toml:1:1)
  7 | [services.web]
    | ^^^^^^^^^^^^^^
    = hint: put the keys of both below one header
)"},
    {"syntax: key twice",
     R"([services.web]
port = 3000
host = "a.localhost"
port = 3001
)",
     R"(devproxy.toml:4:1: port stands twice (first at devproxy.toml:2:1)
  4 | port = 3001
    | ^^^^
    = hint: keep one of them
)"},
    {"syntax: list and table of one name",
     R"([[routes]]
service = "web"
[routes]
service = "web"
)",
     R"(devproxy.toml:3:1: [routes] stands twice (first at devproxy.toml:1:1)
  3 | [routes]
    | ^^^^^^^^
    = hint: write it with two brackets there too
)"},
    {"syntax: unknown escape",
     R"([services.web]
url = "unix:\web.sock"
)",
     R"(devproxy.toml:2:14: unknown escape sequence '\w'
  2 | url = "unix:\web.sock"
    |              ^
    = hint: write '…' in single quotes for a text with backslashes
)"},
    {"syntax: not UTF-8",
     "name = \"caf\351\"\n",
     R"(devproxy.toml:1:12: this is not UTF-8
  1 | name = "caf\xe9"
    |            ^^^^
    = hint: save the file in the encoding UTF-8
)"},
    {"syntax: comma too many",
     R"([services.web]
port = 3000
headers = { a = "b", }
)",
     R"(devproxy.toml:3:22: there is a comma too many
  3 | headers = { a = "b", }
    |                      ^
    = hint: separate values by one comma
)"},
    {"syntax: two commas",
     R"([services.web]
port = 3000
host = ["a.localhost",, "b.localhost"]
)",
     R"(devproxy.toml:3:23: there is a comma too many
  3 | host = ["a.localhost",, "b.localhost"]
    |                       ^
    = hint: separate values by one comma
)"},
    {"syntax: table in braces over two lines",
     R"([services.web]
port = 3000
headers = { a = "b"
}
)",
     R"(devproxy.toml:3:20: a table in braces has to end on its line
  3 | headers = { a = "b"
    |                    ^
    = hint: write a [header] and one key a line
)"},
    {"syntax: a letter behind the value that toml++ takes for impossible",
     "name = \"shop\"\xc3\xaf\n",
     "devproxy.toml:1:14: there is something behind the value\n"
     "  1 | name = \"shop\"\xc3\xaf\n"
     "    |              ^\n"
     "    = hint: write one key = value a line; # begins a comment\n"},
    {"syntax: such a letter behind a header",
     "[services.web]\xc3\x97\n",
     "devproxy.toml:1:15: a header stands alone on its line\n"
     "  1 | [services.web]\xc3\x97\n"
     "    |               ^\n"
     "    = hint: take out what is not part of it\n"},
    {"syntax: a header that begins with a dot",
     R"(name = "shop"
[.web]
)",
     R"(devproxy.toml:2:1: [.web] has a dot without a name on each side
  2 | [.web]
    | ^^^^^^
    = hint: write a name before and behind each dot, like [services.web]
)"},
};
// clang-format on

TEST_CASE("broken files: what is not TOML", "[config]") {
  check_all(broken_syntax_rows);
}

}  // namespace
}  // namespace devproxy
