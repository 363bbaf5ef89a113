#include <signal.h>

#include <filesystem>
#include <thread>

#include "certs/command_runner.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

TEST_CASE("commands: words are quoted as a shell needs it", "[trust]") {
  CHECK(shell_quoted("/a/b-c_d.e:f=g,h@i%+") == "/a/b-c_d.e:f=g,h@i%+");
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("two words") == "'two words'");
  CHECK(shell_quoted("it's $HOME") == "'it'\\''s $HOME'");
  CHECK(shell_quoted(Words{"a", "b c", "~"}) == "a 'b c' '~'");
}

TEST_CASE("commands: output, errors and exit code come back", "[trust]") {
  SystemRunner runner;
  const auto result = runner.run(
      {"sh", "-c", "echo out; echo err >&2; echo \"$1 $LC_ALL\"; exit 3", "sh", "a  b"}, {});
  REQUIRE(result.has_value());
  CHECK(result->exit_code == 3);
  CHECK(result->output == "out\na  b C\n");
  CHECK(result->errors == "err\n");
  CHECK(result->last_words() == "err");
}

TEST_CASE("commands: much of both outputs is read without waiting for either", "[trust]") {
  SystemRunner runner;
  const auto result = runner.run({"sh", "-c",
                                  "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero;"
                                  "head -c 300000 /dev/zero >&2"},
                                 {});
  REQUIRE(result.has_value());
  CHECK(result->output.size() == 300'000);
  CHECK(result->errors.size() == 600'000);
}

TEST_CASE("commands: a program has no terminal, and nothing to read", "[trust]") {
  SystemRunner runner;
  const auto result = runner.run({"sh", "-c", "cat; : </dev/tty"}, {});
  REQUIRE(result.has_value());
  CHECK_FALSE(result->worked());
  CHECK(result->output.empty());
}

TEST_CASE("commands: one that does not end is killed", "[trust]") {
  SystemRunner runner;
  RunOptions options;
  options.limit = std::chrono::milliseconds(50);
  const auto result = runner.run({"sleep", "600"}, options);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == Code::timed_out);
}

TEST_CASE("commands: one that may stay is left alone when its time is over", "[trust]") {
  const TempDir folder;
  SystemRunner runner;
  RunOptions options;
  options.may_stay = true;
  options.limit = std::chrono::milliseconds(50);
  const auto stays =
      runner.run({"sh", "-c", "echo $$ >\"$1.new\"; mv \"$1.new\" \"$1\"; exec sleep 600", "sh",
                  folder.file("pid")},
                 options);
  REQUIRE(stays.has_value());
  CHECK(stays->worked());
  for (const WaitLimit limit; !std::filesystem::exists(folder.file("pid"));) {
    REQUIRE_FALSE(limit.is_over());
    std::this_thread::yield();
  }
  CHECK(::kill(static_cast<pid_t>(std::stol(folder.read("pid"))), SIGKILL) == 0);
  options.limit = std::chrono::seconds(60);
  const auto ends = runner.run({"sh", "-c", "exit 3"}, options);
  REQUIRE(ends.has_value());
  CHECK(ends->exit_code == 3);
}

TEST_CASE("commands: one that is not there is an error that names it", "[trust]") {
  SystemRunner runner;
  CHECK_FALSE(runner.find("no-such-program-here").has_value());
  const auto result = runner.run({"no-such-program-here"}, {});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().detail == "no-such-program-here is not installed");
  CHECK(runner.find("sh").value().ends_with("/sh"));
  CHECK_FALSE(runner.run({"sh", "-c", "kill -9 $$"}, {}).value().worked());
}

}  // namespace
}  // namespace devproxy
