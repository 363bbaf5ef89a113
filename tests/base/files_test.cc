#include "base/files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat there {};
  REQUIRE(stat(path.c_str(), &there) == 0);
  return there.st_mode & 0777U;
}

std::size_t files_in(const TempDir& home) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(home.path()))
    ++count;
  return count;
}

TEST_CASE("files: are read whole, up to a limit", "[base]") {
  const TempDir home;
  const std::string bytes(100'000, 'x');
  home.write("big", bytes);
  CHECK(*read_file(home.file("big")) == bytes);
  CHECK(read_file(home.file("big"), 100'000).has_value());
  CHECK(read_file(home.file("big"), 99'999).error().code == Code::too_large);
  CHECK(read_file(home.file("none")).error().code == Code::missing);
  CHECK(read_file(home.file("none")).error().detail ==
        "cannot read " + home.file("none") + ": No such file or directory");
}

TEST_CASE("files: writing replaces in one step and leaves nothing beside", "[base]") {
  const TempDir home;
  REQUIRE(write_atomically(home.file("a"), "one", 0600).has_value());
  CHECK(mode_of(home.file("a")) == 0600);
  REQUIRE(write_atomically(home.file("a"), "two", 0644).has_value());
  CHECK(home.read("a") == "two");
  CHECK(mode_of(home.file("a")) == 0644);
  CHECK(files_in(home) == 1);
  CHECK(write_atomically(home.file("no/a"), "x", 0600).error().code == Code::missing);
}

TEST_CASE("files: write_new never takes the place of what is there", "[base]") {
  const TempDir home;
  CHECK(*write_new(home.file("a"), "first", 0600));
  CHECK_FALSE(*write_new(home.file("a"), "second", 0600));
  CHECK(home.read("a") == "first");
  CHECK(mode_of(home.file("a")) == 0600);
  std::filesystem::create_symlink(home.file("nowhere"), home.file("link"));
  CHECK_FALSE(*write_new(home.file("link"), "third", 0600));
  CHECK_FALSE(std::filesystem::exists(home.file("nowhere")));
  CHECK(files_in(home) == 2);
}

TEST_CASE("files: of several writers of a new file one wins whole", "[base][threads]") {
  const TempDir home;
  const std::string path = home.file("a");
  std::array<bool, 4> won{};
  Gate start;
  std::vector<std::thread> writers;
  for (std::size_t i = 0; i < won.size(); ++i) {
    writers.emplace_back([&won, &start, &path, i] {
      start.wait();
      won[i] = *write_new(path, std::string(50'000, static_cast<char>('a' + i)), 0600);
    });
  }
  start.open();
  for (std::thread& writer : writers) writer.join();
  REQUIRE(std::count(won.begin(), won.end(), true) == 1);
  const auto winner = std::find(won.begin(), won.end(), true) - won.begin();
  CHECK(home.read("a") == std::string(50'000, static_cast<char>('a' + winner)));
  CHECK(files_in(home) == 1);
}

}  // namespace
}  // namespace devproxy
