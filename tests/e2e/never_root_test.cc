// Started with sudo, devproxy becomes whoever typed it before it opens anything. Only root can try.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/support/edge.h"

namespace devproxy {
namespace {

constexpr uid_t user = 1;  // daemon, on every system

/// A devproxy.toml that this user may read, and nothing else that is theirs but a state folder.
struct Sudo {
  Sudo() {
    for (const char* const name : {"state", "run"}) {
      std::filesystem::create_directories(folder.file(name));
      give(folder.file(name));
    }
    command.arguments = {
        DEVPROXY_BINARY, "serve", "--json", "-c",
        folder.write("devproxy.toml", "name = \"t\"\n[proxy]\nlisten = \"127.0.0.1:0\"\n")};
    give(folder.path());
    command.folder = folder.path();
    command.environment = {{"HOME", "/root"},
                           {"SUDO_UID", std::to_string(user)},
                           {"SUDO_GID", std::to_string(user)},
                           {"XDG_STATE_HOME", folder.file("state")},
                           {"XDG_RUNTIME_DIR", folder.file("run")},
                           {"XDG_CONFIG_HOME", "/root/config"}};
  }
  static void give(const std::string& path) { REQUIRE(::chown(path.c_str(), user, user) == 0); }

  TempDir folder;
  Command command;
};

std::string status_line(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return line;
  }
  return "";
}

}  // namespace

TEST_CASE("never root: what sudo started runs as the user, and its files are theirs", "[e2e]") {
  if (::geteuid() != 0) return;
  Sudo sudo;
  Process process(sudo.command);
  process.wait_for_line(
      [](const std::string& line) { return line.find("\"listening\"") != std::string::npos; });
  CHECK_THAT(process.errors(), ContainsSubstring("started as root, goes on as daemon (uid 1)\n"));
  if (std::filesystem::exists("/proc/self/status")) {
    CHECK(status_line(process.pid(), "Uid:") == "Uid:\t1\t1\t1\t1");
    CHECK_THAT(status_line(process.pid(), "Groups:"), !ContainsSubstring("\t0 "));
  }
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(sudo.folder.path())) {
    struct stat there {};
    REQUIRE(::lstat(entry.path().c_str(), &there) == 0);
    CAPTURE(entry.path());
    if (entry.path().filename() == "devproxy.toml") continue;
    CHECK(there.st_uid == user);
    ++found;
  }
  CHECK(found > 2);
  process.signal(SIGTERM);
  CHECK(process.wait().code == 0);
}

TEST_CASE("never root: a user that nobody knows ends it, before anything is opened", "[e2e]") {
  if (::geteuid() != 0) return;
  Sudo sudo;
  sudo.command.environment[1].second = "3999999999";
  Process process(sudo.command);
  CHECK(process.wait().code == 5);
  CHECK_THAT(process.output(), ContainsSubstring("whom this system does not know"));
}

}  // namespace devproxy
