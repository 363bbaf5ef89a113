#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/text.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// What is written to stderr during its life goes to a file instead.
class CapturedStderr final {
 public:
  CapturedStderr() : file_(std::tmpfile()), saved_(dup(STDERR_FILENO)) {
    dup2(fileno(file_), STDERR_FILENO);
  }
  ~CapturedStderr() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    std::fclose(file_);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;

  std::string text() const {
    std::string all(64 << 10, '\0');
    const ssize_t size = pread(fileno(file_), all.data(), all.size(), 0);
    all.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return all;
  }

 private:
  std::FILE* file_;
  int saved_;
};

/// The log is global: every test leaves it as it was.
struct LogAsBefore {
  LogAsBefore() = default;
  ~LogAsBefore() {
    set_log_level(LogLevel::info);
    set_log_form(LogForm::words);
  }
  LogAsBefore(const LogAsBefore&) = delete;
  LogAsBefore& operator=(const LogAsBefore&) = delete;
};

/// Takes `shape` off the beginning of `text`, where each 0 stands for any digit and each + for any
/// sign.
bool take_shape(std::string_view& text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    const bool is_sign = text[i] == '+' || text[i] == '-';
    if (shape[i] == '0' ? !is_digit : shape[i] == '+' ? !is_sign : text[i] != shape[i])
      return false;
  }
  text.remove_prefix(shape.size());
  return true;
}

/// The one line of `text`, without the time at its beginning.
std::string without_time(std::string_view text) {
  std::string_view rest = text;
  if (!take_shape(rest, "00:00:00.000 ") || rest.find('\n') != rest.size() - 1) {
    return "not one line with a time: " + std::string(text);
  }
  return std::string(rest.substr(0, rest.size() - 1));
}

std::string logged(LogLevel level, std::string_view words,
                   std::initializer_list<LogValue> values = {}) {
  const CapturedStderr captured;
  log(level, words, values);
  return captured.text();
}

TEST_CASE("log: a line is time, level, words, then key=value pairs", "[base]") {
  const LogAsBefore after;
  CHECK(without_time(logged(LogLevel::info, "listening", {{"address", "127.0.0.1:6289"}})) ==
        "info  listening address=127.0.0.1:6289");
  CHECK(without_time(logged(LogLevel::warn, "slow")) == "warn  slow");
  CHECK(without_time(
            logged(LogLevel::error, "port 443 is taken", {{"by", "nginx"}, {"pid", "812"}})) ==
        "error port 443 is taken by=nginx pid=812");
}

TEST_CASE("log: values that would be ambiguous are quoted", "[base]") {
  const LogAsBefore after;
  CHECK(without_time(
            logged(LogLevel::info, "w", {{"a", ""}, {"b", "x y"}, {"c", "k=v"}, {"d", "q\"q"}})) ==
        R"(info  w a="" b="x y" c="k=v" d="q\"q")");
}

TEST_CASE("log: bytes outside printable ASCII are escaped, wherever they stand", "[base]") {
  const LogAsBefore after;
  CHECK(without_time(logged(LogLevel::info, "a\x1b[2J\nb", {{"k\r", "v\n\xff"}})) ==
        R"(info  a\x1b[2J\x0ab k\x0d=v\x0a\xff)");
}

TEST_CASE("log: what is below the level is not written, off writes nothing", "[base]") {
  const LogAsBefore after;
  CHECK(logged(LogLevel::debug, "no").empty());
  CHECK_FALSE(log_enabled(LogLevel::debug));
  CHECK(log_enabled(LogLevel::info));
  set_log_level(LogLevel::debug);
  CHECK(without_time(logged(LogLevel::debug, "yes")) == "debug yes");
  set_log_level(LogLevel::warn);
  CHECK(logged(LogLevel::info, "no").empty());
  CHECK_FALSE(logged(LogLevel::warn, "yes").empty());
  set_log_level(LogLevel::off);
  CHECK(logged(LogLevel::error, "no").empty());
  CHECK(logged(LogLevel::off, "no").empty());
  CHECK_FALSE(log_enabled(LogLevel::error));
  CHECK_FALSE(log_enabled(LogLevel::off));
}

TEST_CASE("log: the json form is one object a line, also of ugly text", "[base]") {
  const LogAsBefore after;
  set_log_form(LogForm::json);
  const std::string text = logged(LogLevel::warn, "a \"b\"\n", {{"key", "\xff\x1b"}, {"n", "1"}});
  std::string_view rest = text;
  REQUIRE(take_shape(rest, R"({"time":"0000-00-00T00:00:00.000+00:00",)"));
  CHECK(rest == R"("level":"warn","message":"a \"b\"\n","key":"\ufffd\u001b","n":"1"})"
                "\n");
}

TEST_CASE("log: the form may change back", "[base]") {
  const LogAsBefore after;
  set_log_form(LogForm::json);
  CHECK(logged(LogLevel::info, "x").starts_with("{"));
  set_log_form(LogForm::words);
  CHECK(without_time(logged(LogLevel::info, "x")) == "info  x");
}

TEST_CASE("log: percent signs and braces are words like others", "[base]") {
  const LogAsBefore after;
  CHECK(without_time(logged(LogLevel::info, "100% {} %v {0}", {{"path", "/%2e%s{}"}})) ==
        "info  100% {} %v {0} path=/%2e%s{}");
}

TEST_CASE("log: a stderr that nobody reads holds nothing up, and what was lost is told", "[base]") {
  const LogAsBefore after;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  close(ends[1]);
  const std::string words(1000, 'x');
  for (int i = 0; i < 2000; ++i) log(LogLevel::info, words);  // far more than a pipe holds
  std::string text(4U << 20U, '\0');
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  const auto read_all = [&] {
    std::string all;
    ssize_t size = 0;
    while ((size = read(ends[0], text.data(), text.size())) > 0)
      all.append(text, 0, static_cast<std::size_t>(size));
    return all;
  };
  std::string all = read_all();
  log(LogLevel::info, "the last");
  all += read_all();
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(ends[0]);

  CHECK(all.ends_with(" info  the last\n"));
  const std::size_t note = all.find(" log lines dropped, stderr is read too slowly\n");
  REQUIRE(note != std::string::npos);
  const std::string lost = all.substr(0, note).substr(all.rfind("warn  ", note) + 6);
  const auto lines = std::count(all.begin(), all.end(), '\n');
  CHECK(lines - 2 + std::stoi(lost) == 2000);  // whole lines, each printed or counted
}

}  // namespace
}  // namespace devproxy
