#include "base/log.h"

#include <unistd.h>

#include <cstdio>
#include <regex>

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

/// The one line of `text`, without the time at its beginning.
std::string without_time(const std::string& text) {
  const std::regex shape(R"(^\d\d:\d\d:\d\d\.\d\d\d ([^\n]*)\n$)");
  std::smatch found;
  return std::regex_match(text, found, shape) ? found[1].str()
                                              : "not one line with a time: " + text;
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
  const std::regex shape(
      R"(^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d","level":"warn",([^\n]*)\}\n$)");
  std::smatch found;
  REQUIRE(std::regex_match(text, found, shape));
  CHECK(found[1].str() == R"("message":"a \"b\"\n","key":"\ufffd\u001b","n":"1")");
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

}  // namespace
}  // namespace devproxy
