#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <set>
#include <thread>

#include "certs/authority.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

TEST_CASE("authority: threads that make it at once get one CA", "[certs][threads]") {
  for (int round = 0; round < 8; ++round) {
    const TempDir home;
    const std::string folder = home.file("state");
    std::array<std::string, 6> got;
    {
      Gate start;
      std::vector<std::thread> makers;
      for (std::string& fingerprint : got) {
        makers.emplace_back([&fingerprint, &start, &folder] {
          start.wait();
          const auto made = Authority::load_or_make(folder, {});
          fingerprint = made ? made->fingerprint() : made.error().detail;
        });
      }
      start.open();
      for (std::thread& maker : makers) maker.join();
    }
    CHECK(std::set<std::string>(got.begin(), got.end()).size() == 1);
    CHECK(got[0] == Authority::load(folder)->fingerprint());
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++files;
    CHECK(files == 2);
  }
}

/// Waits at `start` until its other end is closed, makes the CA, and tells its fingerprint.
[[noreturn]] void make_and_tell(const std::string& folder, int start, int answer) {
  char byte = 0;
  if (read(start, &byte, 1) < 0) _exit(2);
  const auto made = Authority::load_or_make(folder, {});
  const std::string text = made ? made->fingerprint() : std::string(64, '!');
  _exit(write(answer, text.data(), text.size()) == 64 ? 0 : 1);
}

TEST_CASE("authority: programs that make it at once get one CA", "[certs]") {
  const TempDir home;
  const std::string folder = home.file("state");
  std::array<int, 2> start{};
  std::array<int, 2> answers{};
  REQUIRE(pipe(start.data()) == 0);
  REQUIRE(pipe(answers.data()) == 0);
  std::vector<pid_t> makers;
  for (int i = 0; i < 4; ++i) {
    const pid_t maker = fork();
    REQUIRE(maker >= 0);
    if (maker == 0) {
      close(start[1]);
      make_and_tell(folder, start[0], answers[1]);
    }
    makers.push_back(maker);
  }
  close(start[1]);
  close(answers[1]);
  std::string told;
  std::array<char, 512> bytes{};
  for (ssize_t got = 1; (got = read(answers[0], bytes.data(), bytes.size())) > 0;)
    told.append(bytes.data(), static_cast<std::size_t>(got));
  for (const pid_t maker : makers) {
    int status = -1;
    CHECK(waitpid(maker, &status, 0) == maker);
    CHECK(status == 0);
  }
  close(start[0]);
  close(answers[0]);
  REQUIRE(told.size() == 256);
  const std::string fingerprint = Authority::load(folder)->fingerprint();
  for (std::size_t i = 0; i < 4; ++i) CHECK(told.substr(i * 64, 64) == fingerprint);
}

}  // namespace
}  // namespace devproxy
