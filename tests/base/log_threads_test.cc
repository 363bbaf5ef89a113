#include <unistd.h>

#include <array>
#include <cstdio>
#include <map>
#include <thread>

#include "base/log.h"
#include "base/text.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("log: lines of several threads stay whole", "[base][threads]") {
  constexpr int threads = 4;
  constexpr int lines_each = 200;
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  const int saved = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  {
    std::vector<std::jthread> writers;
    for (int thread = 0; thread < threads; ++thread) {
      writers.emplace_back([thread] {
        const std::string words = "thread" + std::to_string(thread) + std::string(200, 'x');
        for (int i = 0; i < lines_each; ++i) {
          log(LogLevel::info, words, {{"end", "."}});
          log(LogLevel::debug, "below the level");
        }
      });
    }
  }
  dup2(saved, STDERR_FILENO);
  close(saved);

  std::string text(1 << 20, '\0');
  const ssize_t size = pread(fileno(file), text.data(), text.size(), 0);
  std::fclose(file);
  REQUIRE(size > 0);
  text.resize(static_cast<std::size_t>(size));
  std::map<std::string, int> counts;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) ++counts[std::string(line.substr(std::string("00:00:00.000 ").size()))];
  }
  CHECK(counts.size() == threads);
  for (const auto& [line, count] : counts) {
    CAPTURE(line);
    CHECK(count == lines_each);
    CHECK(line.ends_with("x end=."));
  }
}

}  // namespace
}  // namespace devproxy
