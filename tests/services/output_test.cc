#include <fcntl.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/agenda.h"
#include "services/back_off.h"
#include "services/log_file.h"
#include "services/log_tail.h"
#include "services/output_lines.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
  OutputLines lines;
  std::vector<std::string> seen;
  const auto see = [&seen](std::string_view line) { seen.emplace_back(line); };
  for (const std::string& piece : pieces) lines.take(piece, see);
  lines.finish(see);
  return seen;
}

TEST_CASE("output: lines, however the bytes arrive", "[services]") {
  const std::vector<std::string> expected{"one", "", "two", "three"};
  CHECK(lines_of({"one\n\ntwo\nthree"}) == expected);
  CHECK(lines_of({"o", "ne", "\n", "\ntw", "o\nthree\n"}) == expected);
  CHECK(lines_of({}).empty());
}

TEST_CASE("output: a line without end is cut into pieces", "[services]") {
  const auto lines = lines_of({std::string(OutputLines::longest * 2 + 5, 'x') + "\nend"});
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].size() == OutputLines::longest);
  CHECK(lines[2] == "xxxxx");
  CHECK(lines[3] == "end");
  // Exactly as long as it may be is one line.
  CHECK(lines_of({std::string(OutputLines::longest, 'x'), "\n"}).size() == 1);
}

TEST_CASE("output: what is seen of a line", "[services]") {
  struct Row {
    const char* line;
    const char* visible;
    const char* plain;
  };
  const Row rows[] = {
      {"plain", "plain", "plain"},
      {"dos\r", "dos", "dos"},
      {"10%\r50%\r100%", "100%", "100%"},
      {"100%\r\r", "100%", "100%"},
      {"\x1B[32mgreen\x1B[0m", "\x1B[32mgreen\x1B[0m", "green"},
      {"\x1B[38;5;1mx\x1B[m", "\x1B[38;5;1mx\x1B[m", "x"},
      {"\x1B[2J\x1B[Hclear", "clear", "clear"},
      {"\x1B[?25lcursor\x1B[1A", "cursor", "cursor"},
      {"\x1B]0;title\atext", "text", "text"},
      {"\x1B]8;;http://x\x1B\\link", "link", "link"},
      {"\x1B(Bcharset\x1B=", "charset", "charset"},
      {"tab\tbell\a\b", "tab\tbell", "tab\tbell"},
      {"-\x1B[1G\x1B[0K\\\x1B[1G\x1B[0K|\x1B[G\x1B[Kdone", "done", "done"},
      {"\x1B[32m50%\x1B[2K\x1B[0G\x1B[33m100%", "\x1B[33m100%", "100%"},
      {"a\x1B[10Gb\x1B[K", "ab", "ab"},
      {"\x1B[31", "", ""},
      {"\x1B", "", ""},
      {"\x1B[>4;1m?", "?", "?"},
      {"caf\xC3\xA9", "caf\xC3\xA9", "caf\xC3\xA9"},
  };
  for (const Row& row : rows) {
    INFO(row.plain);
    CHECK(visible_text(row.line) == row.visible);
    CHECK(plain_text(row.line) == row.plain);
  }
}

/// Its lines without the times that they begin with, after a look at those.
std::string logged(const TempDir& folder) {
  std::string text;
  for (const LoggedLine& line : last_logged(folder.path(), {"web"}, SIZE_MAX)) {
    CHECK(line.service == "web");
    CHECK((line.time.empty() || line.time.size() == log_time().size()));
    CHECK(line.time <= log_time());
    text += line.line + "\n";
  }
  return text;
}

TEST_CASE("output: the log is written a moment later, and on demand", "[services]") {
  const TempDir folder;
  Agenda agenda;
  LogFile log(agenda, folder.file("web.log"));
  log.append("one");
  log.append("two");
  CHECK(folder.read("web.log").empty());
  agenda.advance(LogFile::delay_ms);
  CHECK(logged(folder) == "one\ntwo\n");
  log.append("three");
  log.flush();
  CHECK(logged(folder) == "one\ntwo\nthree\n");
}

TEST_CASE("output: the log goes on where it was, and is bounded", "[services]") {
  const TempDir folder;
  Agenda agenda;
  folder.write("web.log", "before\n");
  const std::string line(10'000, 'x');
  {
    LogFile log(agenda, folder.file("web.log"));
    log.append("after");
    log.flush();
    CHECK(logged(folder) == "before\nafter\n");
    for (std::size_t i = 0; i < 3 * LogFile::most_bytes / line.size(); ++i) log.append(line);
  }
  const auto now = std::filesystem::file_size(folder.file("web.log"));
  const auto old = std::filesystem::file_size(folder.file("web.log.1"));
  CHECK(now < LogFile::most_bytes + LogFile::most_waiting + line.size());
  CHECK(old < LogFile::most_bytes + LogFile::most_waiting + line.size());
  CHECK_FALSE(std::filesystem::exists(folder.file("web.log.2")));
}

TEST_CASE("output: a log that cannot be written costs nothing else", "[services]") {
  Agenda agenda;
  LogFile log(agenda, "/nowhere/at/all/web.log");
  log.append("x");
  log.flush();
}

TEST_CASE("back-off: doubles to ten seconds, and begins anew after a good run", "[services]") {
  using std::chrono::milliseconds;
  BackOff back_off;
  for (const int expected : {500, 1000, 2000, 4000, 8000, 10'000, 10'000}) {
    CHECK(back_off.next(milliseconds(100)) == milliseconds(expected));
  }
  CHECK(back_off.in_a_row() == 7);
  CHECK(back_off.next(BackOff::well) == milliseconds(500));
  CHECK(back_off.in_a_row() == 1);
  for (int i = 0; i < 100; ++i) back_off.next(milliseconds(0));
  CHECK(back_off.next(milliseconds(0)) == milliseconds(10'000));
}

}  // namespace
}  // namespace devproxy
