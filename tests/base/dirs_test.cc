#include "base/dirs.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Dirs dirs_with(const std::map<std::string, std::string>& values) {
  const auto found = find_dirs([&values](const char* name) -> std::optional<std::string> {
    const auto at = values.find(name);
    if (at == values.end()) return std::nullopt;
    return at->second;
  });
  if (!found) FAIL(found.error().detail);
  return *found;
}

TEST_CASE("dirs: follow the XDG variables, else the usual places in HOME", "[base]") {
  const Dirs named = dirs_with({{"HOME", "/h"},
                                {"XDG_CONFIG_HOME", "/c/"},
                                {"XDG_STATE_HOME", "/s"},
                                {"XDG_RUNTIME_DIR", "/run/user/7"}});
  CHECK(named.config == "/c/devproxy");
  CHECK(named.state == "/s/devproxy");
  CHECK(named.runtime == "/run/user/7/devproxy");

  const Dirs usual = dirs_with({{"HOME", "/h"}, {"XDG_STATE_HOME", "relative"}});
  CHECK(usual.config == "/h/.config/devproxy");
  CHECK(usual.state == "/h/.local/state/devproxy");
  CHECK(usual.runtime == fmt::format("/tmp/devproxy-{}", geteuid()));
}

TEST_CASE("dirs: without HOME the user's own entry tells the home folder", "[base]") {
  CHECK(dirs_with({}).state.front() == '/');
}

TEST_CASE("dirs: a private folder is made with its parents and found again", "[base]") {
  const TempDir home;
  const std::string path = home.file("a/b/devproxy");
  REQUIRE(make_private_dir(path).has_value());
  struct stat there {};
  REQUIRE(stat(path.c_str(), &there) == 0);
  CHECK((there.st_mode & 0777U) == 0700);
  CHECK(make_private_dir(path).has_value());
}

TEST_CASE("dirs: what is no private folder of ours is refused and left alone", "[base]") {
  const TempDir home;
  const std::string path = home.file("devproxy");
  std::string expected;
  SECTION("a link, even to a good folder") {
    REQUIRE(make_private_dir(home.file("real")).has_value());
    std::filesystem::create_symlink(home.file("real"), path);
    expected = path + " is a symbolic link, where devproxy wants a folder of its own; move it away";
  }
  SECTION("a file") {
    home.write("devproxy", "");
    expected = path + " is no folder, where devproxy wants a folder of its own; move it away";
  }
  SECTION("open to others") {
    std::filesystem::create_directory(path);
    std::filesystem::permissions(path, std::filesystem::perms(0750));
    expected = path + " is open to others (mode 0750); chmod 700 " + path;
  }
  SECTION("somebody else's") {
    if (geteuid() != 0) return;  // only root can give a folder away
    std::filesystem::create_directory(path);
    REQUIRE(chown(path.c_str(), 4711, 4711) == 0);
    expected = path +
               " belongs to user 4711, and this is user 0; run devproxy as its owner "
               "(without sudo), or move it away";
  }
  const auto made = make_private_dir(path);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().detail == expected);
}

TEST_CASE("dirs: a folder that cannot be made is an error with a way out", "[base]") {
  const TempDir home;
  home.write("file", "");
  const auto made = make_private_dir(home.file("file/devproxy"));
  REQUIRE_FALSE(made.has_value());
  CHECK_THAT(made.error().detail,
             ContainsSubstring("cannot make the folder " + home.file("file/")));
  CHECK_THAT(made.error().detail, ContainsSubstring("XDG_STATE_HOME"));
}

}  // namespace
}  // namespace devproxy
