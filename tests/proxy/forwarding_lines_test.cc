// The lines that tell a service who asked: made once, and never somebody else's.
#include "proxy/forwarding_lines.h"

#include <string>

#include "tests/support/test.h"

namespace devproxy {
namespace {

std::string text(const Headers& lines) {
  std::string out;
  lines.write_to(out);
  return out;
}

}  // namespace

TEST_CASE("forwarding lines: say the client, the scheme, the name and the port", "[proxy]") {
  ForwardingLines lines;
  CHECK(text(lines.of("127.0.0.1", "https", 6289, "shop.localhost:6289")) ==
        "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
        "X-Forwarded-Host: shop.localhost:6289\r\nX-Forwarded-Port: 6289\r\n"
        "Forwarded: for=127.0.0.1;host=\"shop.localhost:6289\";proto=https\r\n");
  CHECK(text(lines.of("::1", "http", 80, "")) ==
        "X-Forwarded-For: ::1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\n"
        "Forwarded: for=\"[::1]\";proto=http\r\n");
}

TEST_CASE("forwarding lines: are new wherever anything differs", "[proxy]") {
  ForwardingLines kept;
  const auto check = [&kept](std::string_view ip, std::string_view scheme, std::uint16_t port,
                             std::string_view authority) {
    ForwardingLines fresh;
    CHECK(text(kept.of(ip, scheme, port, authority)) ==
          text(fresh.of(ip, scheme, port, authority)));
  };
  for (int round = 0; round < 2; ++round) {
    for (const char* authority : {"a.localhost", "b.localhost", "a.localhost:81", ""}) {
      check("127.0.0.1", "http", 6289, authority);
      check("127.0.0.1", "https", 6289, authority);
      check("127.0.0.1", "https", 443, authority);
      check("127.0.0.2", "https", 443, authority);
      check("::1", "https", 443, authority);
    }
    // More names than are kept.
    for (int i = 0; i < 40; ++i)
      check("127.0.0.1", "http", 6289, "n" + std::to_string(i) + ".localhost");
  }
}

TEST_CASE("headers: what is appended keeps its places", "[proxy]") {
  Headers more;
  more.add("X-One", "1");
  more.add("Host", "b");
  Headers headers;
  headers.block() = "GET / HTTP/1.1\r\n";
  headers.add("Accept", "*/*");
  headers.append(more);
  CHECK(headers.value(*headers.find(FieldId::host)) == "b");
  CHECK(headers.value(*headers.find("x-one")) == "1");
  headers.drop("x-one");
  CHECK(text(headers) == "Accept: */*\r\nHost: b\r\n");
}

}  // namespace devproxy
