#include "base/task.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("task: runs what it was given, which may be move-only", "[base]") {
  auto number = std::make_unique<int>(7);
  int seen = 0;
  Task task([kept = std::move(number), &seen] { seen = *kept; });
  REQUIRE(static_cast<bool>(task));
  task();
  CHECK(seen == 7);
}

TEST_CASE("task: an empty one is false, a moved-from one too", "[base]") {
  Task task;
  CHECK_FALSE(static_cast<bool>(task));
  int runs = 0;
  Task first([&runs] { ++runs; });
  task = std::move(first);
  CHECK_FALSE(static_cast<bool>(first));  // NOLINT(bugprone-use-after-move): that is what is asked
  task();
  CHECK(runs == 1);
}

TEST_CASE("task: copies an lvalue, and the original stays", "[base]") {
  int runs = 0;
  const auto count = [&runs] { ++runs; };
  Task task(count);
  task();
  count();
  CHECK(runs == 2);
}

TEST_CASE("task: what it keeps dies with it, run or not", "[base]") {
  auto kept = std::make_shared<int>(1);
  {
    Task task([kept] { ++*kept; });
    CHECK(kept.use_count() == 2);
  }
  CHECK(kept.use_count() == 1);
  CHECK(*kept == 1);
}

}  // namespace
}  // namespace devproxy
