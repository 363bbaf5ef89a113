#include "config/plain.h"

#include <random>
#include <string>
#include <vector>

#include "config/parse.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

void print(const Node& node, std::string& out) {
  const auto place = [&](const Where& where) {
    out += "@" + std::to_string(where.spot.line) + ":" + std::to_string(where.spot.column) + "+" +
           std::to_string(where.length);
  };
  out += std::string(describe(node.kind)) + " ";
  place(node.where);
  out += " " + std::to_string(node.number) + " '" + std::string(node.text) + "' {";
  for (const Member& member : node.members) {
    out += "\n" + std::string(member.key);
    if (!member.key.empty()) place(member.where);
    out += " = ";
    print(member.value, out);
  }
  out += "}";
}

std::string printed(const Node& node) {
  std::string out;
  print(node, out);
  return out;
}

/// Whether `text` was plain. If it was, the whole language says exactly the same about it.
bool agrees(const std::string& text) {
  Sources sources("");
  Report report(sources);
  const std::uint32_t file = sources.add("a.toml", text);
  const auto plain = parse_plain(sources, file);
  if (!plain) return false;
  const auto whole = parse_whole_toml(sources, file, report);
  INFO(text);
  REQUIRE(whole.has_value());
  CHECK(printed(*plain) == printed(*whole));
  return true;
}

TEST_CASE("plain toml: is read as the whole language reads it", "[config]") {
  for (const char* const text : {
           "",
           "\n",
           "# nothing",
           "a = 1",
           "a = 1\r\nb = 'x'\r\n",
           "  a\t=\t\"x # y\"  # z\n",
           "a = -0\nb = +12\nc = 999999999999999999\nd = true\ne = false",
           "\"quoted key\" = ''\n'literal' = \"\"",
           "a = [1, \"x\", [true, []], {b = 1}]",
           "a = [ # one\n  1, # two\n\n  2,\n]\nb = 3\n",
           "a = {}\nb = { c = 1, \"d\" = { e = [] } }\n",
           "[a]\n[b]\nx = 1\n[a.c]\ny = 2\n",
           "[a.b.c]\nx = 1\n[a]\ny = 2\n[a.b]\nz = 3\n",
           "  [ a . \"b\" ]  # c\nx = 1",
           "[[r]]\nx = 1\n[[r]]\n[[r]]\nx = 2\n",
           "[[r]]\n[r.s]\nx = 1\n[[r.t]]\ny = 1\n[[r]]\n[r.s]\nx = 2\n",
           "[s.a]\n[[r]]\n[s.b]\n[[r]]\n",
           "1 = 2\n- = 3\n_ = 4\n",
       }) {
    INFO(text);
    CHECK(agrees(text));
  }
}

TEST_CASE("plain toml: leaves everything else to the whole language", "[config]") {
  for (const char* const text : {
           "a = \"\\n\"",
           "a = \"\xC3\xA9\"",
           "a = \"\"\"x\"\"\"",
           "a = '''x'''",
           "a = 1.5",
           "a = 1_000",
           "a = 0x10",
           "a = 2026-11-22",
           "a = 12:00:00",
           "a = inf",
           "a.b = 1",
           "a = 1000000000000000000",
           "a = { b.c = 1 }",
           "\xEF\xBB\xBF"
           "a = 1",
           // wrong in every language
           "a",
           "a =",
           "a = 01",
           "a = 1 b = 2",
           "a = 1\na = 2",
           "a = truely",
           "a = \"x",
           "a = 'x\n'",
           "a = [1",
           "a = [1,,2]",
           "a = [1 2]",
           "a = {b = 1,}",
           "a = {b = 1\n}",
           "a = {b = 1, b = 2}",
           "a = 1\r",
           "a = \"x\x01\"",
           "[a]\n[a]",
           "[a]\n[[a]]",
           "[[a]]\n[a]",
           "[a] b = 1",
           "[a",
           "[[a]",
           "[]",
           "[a.]",
           "a = {}\n[a.b]",
           "a = []\n[[a]]",
           "a = 1\n[a.b]",
           "[a]\nb = 1\n[a.b]",
       }) {
    INFO(text);
    CHECK_FALSE(agrees(text));
  }
}

TEST_CASE("plain toml: random files are read alike or not at all", "[config]") {
  static const std::vector<std::string> pieces = {"[a]\n",
                                                  "[b]\n",
                                                  "[a.b]\n",
                                                  "[[r]]\n",
                                                  "[[r.s]]\n",
                                                  "[r.t]\n",
                                                  "a = 1\n",
                                                  "b = \"x\"\n",
                                                  "c = ['x', 1]\n",
                                                  "d = {e = 1}\n",
                                                  "\"a\" = true\n",
                                                  "# c\n",
                                                  "\n",
                                                  " ",
                                                  "\t",
                                                  "=",
                                                  "1",
                                                  "x",
                                                  "\"",
                                                  "'",
                                                  "[",
                                                  "]",
                                                  "{",
                                                  "}",
                                                  ",",
                                                  ".",
                                                  "#",
                                                  "\n",
                                                  "\r\n",
                                                  "-",
                                                  "true",
                                                  "[a.b.c]\n",
                                                  "[[a]]\n",
                                                  "[c.d]\n"};
  std::mt19937 random(20'261'122);
  std::size_t plain = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    const auto size = random() % 12;
    for (std::size_t k = 0; k < size; ++k) {
      // Mostly whole lines, so that a good part is right.
      text += pieces[random() % (random() % 4 == 0 ? pieces.size() : 13)];
    }
    if (agrees(text)) ++plain;
  }
  CHECK(plain > 5'000);
}

TEST_CASE("plain toml: many keys of one table are found", "[config]") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "[t.k" + std::to_string(i) + "]\nx = 1\n";
  CHECK(agrees(text));
  CHECK_FALSE(agrees(text + "[t.k0]\n"));
  CHECK_FALSE(agrees(text + "[t.k99]\n"));
}

}  // namespace
}  // namespace devproxy
