#include "config/problem.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Problem problem(std::string line, std::uint32_t column, std::uint32_t length) {
  return Problem{"config.value", Position{"a.toml", 7, column}, "wrong", "mend it", std::move(line),
                 length};
}

TEST_CASE("render: place, line, carets and hint", "[config]") {
  CHECK(render(problem("port = 80", 8, 2), false) ==
        "a.toml:7:8: wrong\n"
        "  7 | port = 80\n"
        "    |        ^^\n"
        "    = hint: mend it\n");
}

TEST_CASE("render: what is not known is left out", "[config]") {
  Problem without = problem("", 0, 1);
  without.at = Position{"a.toml", 0, 0};
  CHECK(render(without, false) == "a.toml: wrong\n   = hint: mend it\n");
  without.hint.clear();
  CHECK(render(without, false) == "a.toml: wrong\n");
  without.at.file.clear();
  CHECK(render(without, false) == "wrong\n");
}

TEST_CASE("render: carets stand below tabs, wide, combining and escaped letters", "[config]") {
  struct Row {
    const char* line;
    std::uint32_t column;
    const char* shown;
    const char* carets;
  };
  const auto row = GENERATE(Row{"\t\tx = 1", 3, "\t\tx = 1", "\t\t^"},
                            Row{"\xC3\xA9\xC3\xA9 x", 4, "\xC3\xA9\xC3\xA9 x", "   ^"},
                            Row{"\xE6\x9D\xB1 x", 3, "\xE6\x9D\xB1 x", "   ^"},
                            Row{"e\xCC\x81x", 3, "e\xCC\x81x", " ^"},
                            Row{"\x1b[31mx", 6, "\\x1b[31mx", "        ^"},
                            Row{"\xC2\x9Bx", 2, "\\xc2\\x9bx", "        ^"},
                            Row{"\xE2\x80\xAEx", 2, "\\xe2\\x80\\xaex", "            ^"},
                            Row{"\xFFx", 2, "\\xffx", "    ^"}, Row{"a\\b", 3, "a\\b", "  ^"},
                            Row{"ab", 4, "ab", "   ^"});
  CHECK(render(problem(row.line, row.column, 1), false) ==
        "a.toml:7:" + std::to_string(row.column) + ": wrong\n  7 | " + row.shown + "\n    | " +
            row.carets + "\n    = hint: mend it\n");
}

TEST_CASE("render: nothing from a file reaches the terminal as a command", "[config]") {
  Problem nasty = problem("\x1b]0;x\x07 \xC2\x9B", 1, 1);
  nasty.message = "bad \x1b[2J\n\"";
  nasty.hint = "tab\tand \x7f";
  nasty.at.file = "a\x1b.toml";
  const std::string text = render(nasty, false);
  for (const char c : text) {
    CHECK(c != '\x1b');
    CHECK(c != '\x07');
    CHECK(c != '\x7f');
  }
  CHECK(text.find("a\\x1b.toml:7:1: bad \\x1b[2J\\x0a\"\n") == 0);
  CHECK(text.find("hint: tab and \\x7f\n") != std::string::npos);
}

TEST_CASE("render: colours only when they are asked for", "[config]") {
  const std::string coloured = render(problem("port = 80", 8, 2), true);
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
    } else {
      plain += coloured[i];
    }
  }
  CHECK(plain == render(problem("port = 80", 8, 2), false));
  CHECK(coloured != plain);
}

}  // namespace
}  // namespace devproxy
