#include "base/text.h"

#include <algorithm>

#include "tests/support/test.h"

namespace devproxy {
namespace {

using Parts = std::vector<std::string_view>;

TEST_CASE("text: lower and iequals know ASCII letters only", "[base]") {
  CHECK(lower("Shop.LOCALHOST-9[]") == "shop.localhost-9[]");
  CHECK(lower("\xc3\x84@Z") == "\xc3\x84@z");
  CHECK(iequals("Content-Length", "content-LENGTH"));
  CHECK(iequals("", ""));
  CHECK_FALSE(iequals("a", "ab"));
  CHECK_FALSE(iequals("[", "{"));
  CHECK_FALSE(iequals("@", "`"));
}

TEST_CASE("text: trim takes spaces and tabs from both ends, nothing else", "[base]") {
  CHECK(trim(" \t a b\t ") == "a b");
  CHECK(trim("").empty());
  CHECK(trim(" \t ").empty());
  CHECK(trim("\r\na\n") == "\r\na\n");
}

TEST_CASE("text: split keeps empty parts", "[base]") {
  CHECK(split("a,b", ',') == Parts{"a", "b"});
  CHECK(split("", ',') == Parts{""});
  CHECK(split(",a,,", ',') == Parts{"", "a", "", ""});
}

TEST_CASE("text: a token has letters, digits and the marks of RFC 9110", "[base]") {
  CHECK(is_token("GET"));
  CHECK(is_token("x-Tenant_9!#$%&'*+.^`|~"));
  for (const char* bad : {"", "a b", "a:b", "a/b", "\"a\"", "a\x7f", "\xc3\xa4", "a,b", "a@b"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_token(bad));
  }
}

TEST_CASE("text: parse_number takes decimal digits and nothing else", "[base]") {
  CHECK(parse_number("0") == 0U);
  CHECK(parse_number("007") == 7U);
  CHECK(parse_number("9223372036854775807") == std::uint64_t{INT64_MAX});
  for (const char* bad : {"", " 1", "1 ", "+1", "-1", "0x1", "1e3", "1.0", "1,000",
                          "9223372036854775808", "18446744073709551615", "18446744073709551616",
                          "18446744073709551620", "99999999999999999999999", "\xd9\xa1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_number(bad).has_value());
  }
}

TEST_CASE("text: escape makes every byte harmless on a terminal, and can be told back", "[base]") {
  CHECK(escape("plain text: \"'<>&~ ") == "plain text: \"'<>&~ ");
  CHECK(escape("a\\b") == "a\\\\b");
  CHECK(escape("\x1b[2J\r\n\t") == "\\x1b[2J\\x0d\\x0a\\x09");
  CHECK(escape(std::string("\0\x7f\x80\xff", 4)) == "\\x00\\x7f\\x80\\xff");
  for (int c = 0; c < 256; ++c) {
    const std::string escaped = escape(std::string(1, static_cast<char>(c)));
    for (const char e : escaped) REQUIRE((e >= 0x20 && e < 0x7f));
  }
}

TEST_CASE("text: escape_own keeps letters, and nothing that a terminal obeys or hides", "[base]") {
  CHECK(escape_own("/home/jörg/Проект/日本語/a\\b") == "/home/jörg/Проект/日本語/a\\b");
  CHECK(escape_own("\x1b[2J\r\n\t\x7f") == "\\x1b[2J\\x0d\\x0a\\x09\\x7f");
  // C1, a soft hyphen, zero width, right to left, line end, byte order mark, tags.
  CHECK(escape_own("\u009b31m") == "\\xc2\\x9b31m");
  for (const char* hidden :
       {"\u00ad", "\u200b", "\u202e", "\u2028", "\u2066", "\ufeff", "\U000e0041"}) {
    const std::string text = escape_own(hidden);
    CAPTURE(text);
    CHECK(text.starts_with("\\x"));
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
  }
  CHECK(escape_own("a\xc3") == "a\\xc3");
  CHECK(escape_own("\xff\xfe") == "\\xff\\xfe");
  CHECK(escape_own(escape_own("\x1b")) == escape_own("\x1b"));
}

TEST_CASE("text: escape_html is safe in text and in attributes", "[base]") {
  CHECK(escape_html("<a href='x' title=\"y\">&amp;</a>") ==
        "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;&lt;/a&gt;");
  CHECK(escape_html("\xc3\xa4\n\\") == "\\xc3\\xa4\\x0a\\");
}

TEST_CASE("text: escape_json keeps valid UTF-8 and replaces the rest", "[base]") {
  struct Row {
    std::string text;
    std::string json;
  };
  const std::string replaced = "\\ufffd";
  const Row rows[] = {
      {"plain /", "plain /"},
      {"\"\\", "\\\"\\\\"},
      {"a\nb\r\t", "a\\nb\\u000d\\u0009"},
      {std::string("\0\x1b\x7f", 3), "\\u0000\\u001b\\u007f"},
      {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"},
      {"\xc2\x9b", "\\u009b"},  // a terminal may take it for ESC [
      {"\x80", replaced},
      {"a\xc3", "a" + replaced},
      {"\xc3(", replaced + "("},
      {"\xe2\x82", replaced + replaced},
      {"\xc0\xaf", replaced + replaced},                                // overlong
      {"\xe0\x80\xaf", replaced + replaced + replaced},                 // overlong
      {"\xed\xa0\x80", replaced + replaced + replaced},                 // surrogate
      {"\xf4\x90\x80\x80", replaced + replaced + replaced + replaced},  // beyond U+10FFFF
      {"\xf8\x88", replaced + replaced},
  };
  for (const Row& row : rows) {
    CAPTURE(escape(row.text));
    CHECK(escape_json(row.text) == row.json);
  }
}

TEST_CASE("text: edit_distance counts insertions, deletions, replacements and swaps", "[base]") {
  struct Row {
    const char* a;
    const char* b;
    std::size_t distance;
  };
  const Row rows[] = {
      {"", "", 0},        {"", "abc", 3},       {"port", "port", 0}, {"prot", "port", 1},
      {"por", "port", 1}, {"ports", "port", 1}, {"pert", "port", 1}, {"kitten", "sitting", 3},
      {"ab", "ba", 1},    {"abc", "cab", 2},
  };
  for (const Row& row : rows) {
    CAPTURE(row.a, row.b);
    CHECK(edit_distance(row.a, row.b) == row.distance);
    CHECK(edit_distance(row.b, row.a) == row.distance);
  }
}

TEST_CASE("text: nearest finds slips, and nothing when it is another word", "[base]") {
  const Parts keys{"host", "path", "port", "strip_prefix", "timeout", "hold", "url"};
  CHECK(nearest("prot", keys) == "port");
  CHECK(nearest("hots", keys) == "host");
  CHECK(nearest("strip-prefix", keys) == "strip_prefix");
  CHECK(nearest("stripprefx", keys) == "strip_prefix");
  CHECK(nearest("Port", keys) == "port");
  CHECK(nearest("ulr", keys) == "url");
  CHECK_FALSE(nearest("methods", keys).has_value());
  CHECK_FALSE(nearest("x", keys).has_value());
  CHECK_FALSE(nearest("", keys).has_value());
  CHECK_FALSE(nearest("port", {}).has_value());
}

}  // namespace
}  // namespace devproxy
