#include "config/watcher.h"

#include <sys/resource.h>
#include <utime.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

namespace fs = std::filesystem;

/// A folder with a devproxy.toml, a watcher on it, and what the file held at each call.
class Watched {
 public:
  explicit Watched(Notice how = Notice::events) : notice(how) {
    dir.write("app/devproxy.toml", "one");
    watcher.watch({file(), dir.file("app/devproxy.local.toml")});
  }

  std::string file() const { return dir.file("app/devproxy.toml"); }

  /// Runs the loop until there were `calls` calls; false when patience ended first.
  bool called(std::size_t calls) {
    bool late = false;
    Timer limit(loop.agenda());
    limit.start(static_cast<std::uint64_t>(patience.count()), [&late] { late = true; });
    while (seen.size() < calls && !late) loop.run_once(true);
    return seen.size() >= calls;
  }

  /// Lets the watcher do whatever it does on its own within this time of the loop.
  void run_for(std::uint64_t milliseconds) {
    bool over = false;
    Timer timer(loop.agenda());
    timer.start(milliseconds, [&over] { over = true; });
    while (!over) loop.run_once(true);
  }

  /// A change that must be told, as the only one since the last check.
  void expect_one_call(const std::string& content) {
    REQUIRE(called(1));
    run_for(300);
    CHECK(seen == std::vector<std::string>{content});
    seen.clear();
  }

  /// The watch is still on what the path leads to.
  void expect_alive(const std::string& path) {
    std::ofstream(path) << "alive";
    expect_one_call(path == file() ? "alive" : content());
  }

  std::string content() const {
    std::ifstream stream(file());
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  TempDir dir;
  Loop loop;
  std::vector<std::string> seen;
  Notice notice;
  ConfigWatcher watcher{loop, [this] { seen.push_back(content()); }, notice};
};

TEST_CASE("watcher: a save in place", "[config]") {
  Watched w;
  w.dir.write("app/devproxy.toml", "two");
  w.expect_one_call("two");
  w.dir.write("app/devproxy.toml", "three");
  w.expect_one_call("three");
}

TEST_CASE("watcher: a save by renaming over the file", "[config]") {
  Watched w;
  for (const char* const text : {"two", "three", "four"}) {
    w.dir.replace("app/devproxy.toml", text);
    w.expect_one_call(text);
  }
}

TEST_CASE("watcher: a save that moves the old file to a backup", "[config]") {
  Watched w;
  for (const char* const text : {"two", "three"}) {
    fs::rename(w.file(), w.file() + "~");
    w.dir.write("app/devproxy.toml", text);
    fs::remove(w.file() + "~");
    w.expect_one_call(text);
  }
}

TEST_CASE("watcher: a file that is removed and made again", "[config]") {
  Watched w;
  fs::remove(w.file());
  w.dir.write("app/devproxy.toml", "two");
  w.expect_one_call("two");
  w.expect_alive(w.file());
}

/// Whether `broken` and `mended` follow each other as fast as the steps of a save do. On a machine
/// that is busy elsewhere they may not, and then the watcher rightly tells of both.
bool saves_quickly(Watched& w, const std::function<void()>& broken,
                   const std::function<void()>& mended) {
  constexpr std::chrono::milliseconds limit{200};
  const auto began = std::chrono::steady_clock::now();
  broken();
  w.run_for(130);  // longer than it takes to be quiet
  const bool was_told = !w.seen.empty();
  mended();
  if (std::chrono::steady_clock::now() - began >= limit) return false;
  CHECK_FALSE(was_told);
  return true;
}

constexpr int tries = 20;

TEST_CASE("watcher: an empty file is waited out", "[config]") {
  for (int i = 0; i < tries; ++i) {
    Watched w;
    const auto write = [&w](const char* text) { w.dir.write("app/devproxy.toml", text); };
    if (!saves_quickly(
            w, [&] { write(""); }, [&] { write("two"); }))
      continue;
    w.expect_one_call("two");
    return;
  }
  FAIL("this machine was too busy, each time");
}

TEST_CASE("watcher: a missing file is waited out", "[config]") {
  for (int i = 0; i < tries; ++i) {
    Watched w;
    const std::string elsewhere = w.dir.file("app/elsewhere");
    if (!saves_quickly(
            w, [&] { fs::rename(w.file(), elsewhere); }, [&] { fs::rename(elsewhere, w.file()); }))
      continue;
    w.run_for(400);
    CHECK(w.seen.empty());  // it is what it was
    w.expect_alive(w.file());
    return;
  }
  FAIL("this machine was too busy, each time");
}

TEST_CASE("watcher: a file that stays empty, or away, is told", "[config]") {
  Watched w;
  w.dir.write("app/devproxy.toml", "");
  w.expect_one_call("");
  w.dir.write("app/devproxy.toml", "two");
  w.expect_one_call("two");
  fs::remove(w.file());
  w.expect_one_call("");
  w.dir.write("app/devproxy.toml", "three");
  w.expect_one_call("three");
}

TEST_CASE("watcher: a file that appears", "[config]") {
  Watched w;
  w.dir.write("app/devproxy.local.toml", "local");
  w.expect_one_call("one");
}

TEST_CASE("watcher: a touch, the same text again, and other files are not told", "[config]") {
  Watched w;
  REQUIRE(utime(w.file().c_str(), nullptr) == 0);
  w.run_for(200);
  w.dir.write("app/devproxy.toml", "one");
  w.run_for(200);
  w.dir.write("app/devproxy.toml.swp", "noise");
  w.dir.write("app/other.toml", "noise");
  w.run_for(200);
  CHECK(w.seen.empty());
  w.dir.write("app/devproxy.toml", "two");
  w.expect_one_call("two");
}

TEST_CASE("watcher: many writes make one call", "[config]") {
  Watched w;
  for (int i = 0; i < 50; ++i) w.dir.write("app/devproxy.toml", "text " + std::to_string(i));
  w.expect_one_call("text 49");
}

TEST_CASE("watcher: writes that do not end are told all the same", "[config]") {
  Watched w;
  bool late = false;
  Timer limit(w.loop.agenda());
  limit.start(static_cast<std::uint64_t>(patience.count()), [&late] { late = true; });
  Timer again(w.loop.agenda());
  int count = 0;
  std::function<void()> write = [&] {
    w.dir.write("app/devproxy.toml", "text " + std::to_string(++count));
    again.start(20, [&] { write(); });
  };
  write();
  while (w.seen.empty() && !late) w.loop.run_once(true);
  CHECK_FALSE(w.seen.empty());
}

TEST_CASE("watcher: a link whose target is edited", "[config]") {
  Watched w;
  w.dir.write("dotfiles/devproxy.toml", "linked");
  fs::remove(w.file());
  fs::create_symlink("../dotfiles/devproxy.toml", w.file());
  w.expect_one_call("linked");
  w.dir.write("dotfiles/devproxy.toml", "two");
  w.expect_one_call("two");
  w.dir.replace("dotfiles/devproxy.toml", "three");
  w.expect_one_call("three");

  w.dir.write("elsewhere/devproxy.toml", "four");
  fs::create_symlink("../elsewhere/devproxy.toml", w.dir.file("app/link"));
  fs::rename(w.dir.file("app/link"), w.file());
  w.expect_one_call("four");
  w.dir.write("elsewhere/devproxy.toml", "five");
  w.expect_one_call("five");
}

TEST_CASE("watcher: a folder of links that is swapped, as Kubernetes does", "[config]") {
  Watched w;
  w.dir.write("app/..1/devproxy.toml", "first");
  fs::create_symlink("..1", w.dir.file("app/..data"));
  fs::remove(w.file());
  fs::create_symlink("..data/devproxy.toml", w.file());
  w.expect_one_call("first");
  for (int i = 2; i < 5; ++i) {
    const std::string name = ".." + std::to_string(i);
    w.dir.write("app/" + name + "/devproxy.toml", "version " + name);
    fs::create_symlink(name, w.dir.file("app/..tmp"));
    fs::rename(w.dir.file("app/..tmp"), w.dir.file("app/..data"));
    fs::remove_all(w.dir.file("app/.." + std::to_string(i - 1)));
    w.expect_one_call("version " + name);
  }
}

TEST_CASE("watcher: a folder that is moved away and replaced", "[config]") {
  Watched w;
  w.dir.write("next/devproxy.toml", "two");
  fs::rename(w.dir.file("app"), w.dir.file("old"));
  fs::rename(w.dir.file("next"), w.dir.file("app"));
  w.expect_one_call("two");
  w.dir.write("old/devproxy.toml", "not ours any more");
  w.expect_alive(w.file());
}

TEST_CASE("watcher: a folder that is removed and made again", "[config]") {
  Watched w;
  fs::remove_all(w.dir.file("app"));
  w.expect_one_call("");
  w.dir.write("app/devproxy.toml", "two");
  w.expect_one_call("two");
  w.expect_alive(w.file());

  fs::remove_all(w.dir.file("app"));
  w.dir.write("app/devproxy.toml", "three");
  w.expect_one_call("three");
  w.expect_alive(w.file());
}

TEST_CASE("watcher: a file in folders that do not exist yet", "[config]") {
  Watched w;
  const std::string far = w.dir.file("a/b/c/included.toml");
  w.watcher.watch({w.file(), far});
  fs::create_directories(w.dir.file("a"));
  w.run_for(150);
  w.dir.write("a/b/c/included.toml", "there");
  w.expect_one_call("one");
  w.expect_alive(far);
}

TEST_CASE("watcher: another set of files replaces the first", "[config]") {
  Watched w;
  w.dir.write("app/second.toml", "x");
  w.watcher.watch({w.dir.file("app/second.toml")});
  w.dir.write("app/devproxy.toml", "two");
  w.run_for(200);
  CHECK(w.seen.empty());
  w.dir.write("app/second.toml", "y");
  w.expect_one_call("two");
}

TEST_CASE("watcher: watch() may be called from the call", "[config]") {
  const TempDir dir;
  dir.write("devproxy.toml", "one");
  Loop loop;
  int calls = 0;
  ConfigWatcher* self = nullptr;
  ConfigWatcher watcher(loop, [&] {
    ++calls;
    self->watch({dir.file("devproxy.toml"), dir.file("more.toml")});
  });
  self = &watcher;
  watcher.watch({dir.file("devproxy.toml")});
  bool late = false;
  Timer limit(loop.agenda());
  limit.start(static_cast<std::uint64_t>(patience.count()), [&late] { late = true; });
  dir.write("devproxy.toml", "two");
  while (calls < 1 && !late) loop.run_once(true);
  dir.write("more.toml", "new");
  while (calls < 2 && !late) loop.run_once(true);
  CHECK(calls == 2);
}

TEST_CASE("watcher: by polling", "[config]") {
  Watched w(Notice::polling);
  w.dir.write("app/devproxy.toml", "two");
  w.expect_one_call("two");
  w.dir.replace("app/devproxy.toml", "three");
  w.expect_one_call("three");
  fs::remove_all(w.dir.file("app"));
  w.expect_one_call("");
  w.dir.write("app/devproxy.toml", "four");
  w.expect_one_call("four");
}

TEST_CASE("watcher: events that cannot be had at first are had later", "[config]") {
  const TempDir dir;
  dir.write("devproxy.toml", "one");
  Loop loop;
  int calls = 0;
  ConfigWatcher watcher(loop, [&calls] { ++calls; });

  // No descriptor is left, neither for the file nor for an inotify instance.
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  watcher.watch({dir.file("devproxy.toml")});
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);

  bool late = false;
  Timer limit(loop.agenda());
  limit.start(static_cast<std::uint64_t>(patience.count()), [&late] { late = true; });
  while (calls < 1 && !late) loop.run_once(true);
  CHECK(calls == 1);
  dir.replace("devproxy.toml", "two");
  while (calls < 2 && !late) loop.run_once(true);
  CHECK(calls == 2);
}

}  // namespace
}  // namespace devproxy
