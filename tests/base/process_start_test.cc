#include "base/process_start.h"

#include <unistd.h>

#include <filesystem>

#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("process start: folder and arguments of a process", "[base]") {
  const auto start = process_start(getpid());
  REQUIRE(start);
  CHECK(start->folder == std::filesystem::current_path().string());
  REQUIRE_FALSE(start->arguments.empty());
  CHECK_THAT(start->arguments.front(), ContainsSubstring("test_base"));
}

TEST_CASE("process start: nothing for a process that is none", "[base]") {
  CHECK_FALSE(process_start(0));
}

}  // namespace
}  // namespace devproxy
