// `devproxy hosts` and the file that it writes: the real program, on files of the test's own.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/json.h"
#include "cli/setup/hosts_file.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// A project in a world of its own, and a hosts file beside it.
class HostsStage {
 public:
  HostsStage() {
    folder_.write("devproxy.toml",
                  "name = \"shop\"\n[services.web]\nport = 3000\n"
                  "host = [\"shop.localhost\", \"shop.test\", \"*.shop.localhost\"]\n");
    folder_.write("hosts", before);
  }
  Finished run(std::vector<std::string> words, bool with_file = true) const {
    words.insert(words.begin(), {DEVPROXY_BINARY, "hosts"});
    if (with_file) words.insert(words.end(), {"--file", file()});
    Command command;
    command.arguments = std::move(words);
    command.folder = folder_.path();
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, folder_.path());
    return devproxy::run(command);
  }
  std::string file() const { return folder_.file("hosts"); }
  std::string text() const { return folder_.read("hosts"); }
  const TempDir& folder() const { return folder_; }

  static constexpr const char* before = "127.0.0.1 localhost\n::1 localhost\n";

 private:
  TempDir folder_;
};

struct stat facts_of(const std::string& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts;
}

constexpr uid_t nobody = 65534;

/// Root may write everything: for a while we are somebody who may not.
class OrdinaryUser final {
 public:
  OrdinaryUser() : was_root_(::geteuid() == 0) {
    if (was_root_) REQUIRE(::seteuid(nobody) == 0);
  }
  ~OrdinaryUser() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  bool was_root_;
};

/// A file that an ordinary user may write, or not, in a folder where nothing can be made.
std::string file_in_closed_folder(const TempDir& folder, mode_t mode) {
  std::string path = folder.write("closed/hosts", "a long text that was there before\n");
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  if (::geteuid() == 0) REQUIRE(::chown(path.c_str(), nobody, nobody) == 0);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  REQUIRE(::chmod(folder.file("closed").c_str(), 0555) == 0);
  return path;
}

void open_again(const TempDir& folder) {
  ::chmod(folder.file("closed").c_str(), 0755);
}

}  // namespace

TEST_CASE("hosts: sync writes the names, again changes nothing, clean takes them out", "[cli]") {
  const HostsStage stage;
  const Finished first = stage.run({"sync"});
  CHECK(first.exit.code == 0);
  CHECK_THAT(first.output,
             ContainsSubstring("has now 2 names of shop") &&
                 ContainsSubstring("without *.shop.localhost: a hosts file knows no"));
  CHECK(stage.text().starts_with(HostsStage::before));
  CHECK_THAT(stage.text(), ContainsSubstring("127.0.0.1 shop.localhost\n::1 shop.localhost\n") &&
                               ContainsSubstring("::1 shop.test\n# END devproxy\n"));
  const ino_t inode = facts_of(stage.file()).st_ino;
  CHECK_THAT(stage.run({"sync"}).output, ContainsSubstring("nothing to change"));
  CHECK(facts_of(stage.file()).st_ino == inode);
  CHECK_THAT(stage.run({"clean"}).output, ContainsSubstring("has now no names of devproxy"));
  CHECK(stage.text() == HostsStage::before);
  CHECK(stage.run({"clean"}).exit.code == 0);
}

TEST_CASE("hosts: a dry run shows the lines and writes none", "[cli]") {
  const HostsStage stage;
  const Finished dry = stage.run({"sync", "--dry-run"});
  CHECK(dry.exit.code == 0);
  CHECK_THAT(dry.output, ContainsSubstring("+ 127.0.0.1 shop.test\n") &&
                             ContainsSubstring("would have 2 names"));
  CHECK(stage.text() == HostsStage::before);
  REQUIRE(stage.run({"sync"}).exit.code == 0);
  CHECK_THAT(stage.run({"clean", "--dry-run"}).output,
             ContainsSubstring("- 127.0.0.1 shop.test\n"));
  // The line end that the block brings is no change of the line before it.
  stage.folder().write("hosts", "127.0.0.1 a\r\n127.0.0.1 b");
  CHECK(stage.run({"sync", "--dry-run"}).output.find("127.0.0.1 b") == std::string::npos);
}

TEST_CASE("hosts: print shows what sync would write, and sync takes it back", "[cli]") {
  const HostsStage stage;
  const Finished printed = stage.run({"print"}, false);
  CHECK(printed.exit.code == 0);
  CHECK_THAT(printed.errors, ContainsSubstring("without *.shop.localhost"));
  const std::string names = stage.folder().write("names", printed.output);
  REQUIRE(stage.run({"sync", "--from", names}).exit.code == 0);
  CHECK(stage.text() == HostsStage::before + printed.output);
  // Root reads such a file: it holds names and nothing else.
  stage.folder().write("names",
                       "# BEGIN devproxy\n# project x: /y\n127.0.0.1 a b\n# END devproxy\n");
  const Finished bad = stage.run({"sync", "--from", names});
  CHECK(bad.exit.code == 2);
  CHECK_THAT(bad.errors, ContainsSubstring("names \"a b\""));
  CHECK(stage.text() == HostsStage::before + printed.output);
}

TEST_CASE("hosts: JSON says what was done", "[cli]") {
  const HostsStage stage;
  const Json json = parse_json(stage.run({"sync", "--json"}).output);
  CHECK(json["schema"] == "devproxy.hosts/v1");
  CHECK(json["changed"] == true);
  CHECK(json["written"] == true);
  CHECK(json["projects"][0]["names"] == Json({"shop.localhost", "shop.test"}));
  CHECK(json["left_out"][0]["name"] == "*.shop.localhost");
  CHECK(json["command"].is_null());
  const Json dns = parse_json(stage.run({"print", "--dns", "--json"}, false).output);
  CHECK(dns["schema"] == "devproxy.hosts_dns/v1");
  CHECK(dns["configured"] == false);
  CHECK(dns["port"] == 15353);
}

TEST_CASE("hosts: the resolvers' lines carry the port of the file", "[cli]") {
  const HostsStage stage;
  CHECK_THAT(stage.run({"print", "--dns"}, false).output,
             ContainsSubstring("# first switch it on: dns = 15353 in [proxy]"));
  stage.folder().write("devproxy.toml", "[proxy]\ndns = 20053\ndomains = [\"shop.internal\"]\n");
  CHECK_THAT(stage.run({"print", "--dns"}, false).output,
             ContainsSubstring("DNS=127.0.0.1:20053\nDomains=~shop.internal ~test\n"));
}

TEST_CASE("hosts: a damaged block is left as it is", "[cli]") {
  const HostsStage stage;
  stage.folder().write("hosts", "127.0.0.1 localhost\n# BEGIN devproxy\n127.0.0.1 x\n");
  for (const char* const action : {"sync", "clean"}) {
    const Finished done = stage.run({action});
    CHECK(done.exit.code == 1);
    CHECK_THAT(done.errors, ContainsSubstring("hosts:2: the devproxy block that begins here"));
  }
  CHECK(stage.text() == "127.0.0.1 localhost\n# BEGIN devproxy\n127.0.0.1 x\n");
}

TEST_CASE("hosts: wrong words name the right ones", "[cli]") {
  const HostsStage stage;
  const std::pair<std::vector<std::string>, const char*> rows[] = {
      {{}, "hosts needs sync, clean or print"},
      {{"snyc"}, "snyc is not sync, clean or print"},
      {{"sync", "--dns"}, "--dns belongs to hosts print"},
      {{"clean", "--from", "x"}, "--from belongs to hosts sync"},
      {{"sync", "--from", "/nowhere/x"}, "devproxy hosts print > /nowhere/x"},
  };
  for (const auto& [words, part] : rows) {
    const Finished done = stage.run(words);
    CHECK(done.exit.code == 2);
    CHECK_THAT(done.errors, ContainsSubstring(part));
  }
  CHECK(stage.text() == HostsStage::before);
}

TEST_CASE("hosts: the file keeps its mode, and a link its place", "[cli]") {
  const TempDir folder;
  const std::string path = folder.write("hosts", "old\n");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  if (::geteuid() == 0) REQUIRE(::chown(path.c_str(), nobody, nobody) == 0);
  const struct stat before = facts_of(path);
  REQUIRE(::symlink("hosts", folder.file("link").c_str()) == 0);
  REQUIRE(write_hosts_file(folder.file("link"), "new\n"));
  CHECK(folder.read("hosts") == "new\n");
  struct stat link {};
  REQUIRE(::lstat(folder.file("link").c_str(), &link) == 0);
  CHECK(S_ISLNK(link.st_mode));
  const struct stat after = facts_of(path);
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_ino != before.st_ino);
  REQUIRE(write_hosts_file(folder.file("fresh"), "first\n"));
  CHECK((facts_of(folder.file("fresh")).st_mode & 07777U) == 0644);
  CHECK(*read_hosts_file(folder.file("nowhere")) == "");
}

TEST_CASE("hosts: where no other file can take its place it is written itself", "[cli]") {
  const TempDir folder;
  const std::string path = file_in_closed_folder(folder, 0644);
  const ino_t inode = facts_of(path).st_ino;
  {
    const OrdinaryUser user;
    CHECK(write_hosts_file(path, "short\n"));
  }
  CHECK(folder.read("closed/hosts") == "short\n");
  CHECK(facts_of(path).st_ino == inode);
  open_again(folder);
}

TEST_CASE("hosts: what only root may write is said to be so", "[cli]") {
  const TempDir folder;
  const std::string path = file_in_closed_folder(folder, 0444);
  {
    const OrdinaryUser user;
    const auto written = write_hosts_file(path, "short\n");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == Code::denied);
  }
  CHECK(folder.read("closed/hosts") == "a long text that was there before\n");
  open_again(folder);
}

}  // namespace devproxy
