#include "base/process_facts.h"

#include <unistd.h>

#include <filesystem>

#include "tests/support/test.h"

namespace devproxy {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("process facts: this very process is described", "[base]") {
  const auto facts = process_facts(getpid());
  REQUIRE(facts.has_value());
  CHECK(facts->pid == getpid());
  CHECK(facts->parent == getppid());
  CHECK(facts->uid == getuid());
  CHECK(facts->name.starts_with("test_"));
  REQUIRE_FALSE(facts->command.empty());
  CHECK_THAT(facts->command.front(), ContainsSubstring("test_base"));
  CHECK(facts->folder == std::filesystem::current_path().string());
  const auto age = std::chrono::system_clock::now() - facts->started;
  CHECK(age > std::chrono::seconds(-2));
  CHECK(age < std::chrono::hours(1));
}

TEST_CASE("process facts: nothing is known of a process that is not there", "[base]") {
  CHECK_FALSE(process_facts(0).has_value());
  CHECK_FALSE(process_facts(999'999'999).has_value());
}

TEST_CASE("process facts: stat is read behind whatever the name holds", "[base]") {
  const std::string fields =
      " S 4300 4312 4300 34816 4312 4194304 100 0 0 0 5 2 0 0 20 0 11 0 123456 1000 200";
  for (const char* name : {"(node)", "(a) b)", "(x) S 1 2 3)", "()"}) {
    CAPTURE(name);
    const auto stat = parse_process_stat("4312 " + std::string(name) + fields);
    REQUIRE(stat.has_value());
    CHECK(stat->parent == 4300);
    CHECK(stat->start_ticks == 123456);
    CHECK(stat->has_terminal);
  }
  for (const char* bad : {"", "4312", "4312 (node)", "4312 (node) S 1", "4312 (node) S x 1 1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_process_stat(bad).has_value());
  }
}

TEST_CASE("process facts: the cgroup tells unit and container", "[base]") {
  const std::string id = "0123456789ab" + std::string(52, 'c');
  struct Row {
    std::string text;
    ProcessKeeper keeper;
  };
  const std::string short_id = id.substr(0, 12);
  const Row rows[] = {
      {"0::/system.slice/nginx.service\n", {"nginx.service", false, "", ""}},
      {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/api.service\n",
       {"api.service", true, "", ""}},
      {"0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
       {"postgresql@15-main.service", false, "", ""}},
      // A login, a terminal: everything of that user runs there.
      {"0::/user.slice/user-1000.slice/session-3.scope\n", {}},
      {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n", {}},
      {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-konsole@1.service\n", {}},
      {"0::/\n", {}},
      {"", {}},
      {"nonsense\n::\n", {}},
      {"0::/system.slice/docker-" + id + ".scope\n", {"", false, short_id, "docker"}},
      {"0::/docker/" + id + "\n", {"", false, short_id, "docker"}},
      {"12:pids:/docker/" + id + "\n11:cpu:/docker/" + id + "\n0::/system.slice/docker.service\n",
       {"docker.service", false, short_id, "docker"}},
      {"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id +
           ".scope/container\n",
       {"", false, short_id, "podman"}},
      {"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope\n",
       {"", false, short_id, ""}},
      {"1:name=systemd:/system.slice/cron.service\n0::/system.slice/cron.service\n",
       {"cron.service", false, "", ""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const ProcessKeeper keeper = parse_cgroup(row.text);
    CHECK(keeper.unit == row.keeper.unit);
    CHECK(keeper.of_user == row.keeper.of_user);
    CHECK(keeper.container == row.keeper.container);
    CHECK(keeper.engine == row.keeper.engine);
  }
}

TEST_CASE("process facts: words end with NUL, and a title leaves none behind it", "[base]") {
  CHECK(parse_words(std::string("node\0vite\0", 10)) == Words{"node", "vite"});
  CHECK(parse_words(std::string("a\0\0b\0", 5)) == Words{"a", "", "b"});
  CHECK(parse_words(std::string("nginx: master\0\0\0\0", 17)) == Words{"nginx: master"});
  CHECK(parse_words("cut off") == Words{"cut off"});
  CHECK(parse_words("").empty());
}

}  // namespace
}  // namespace devproxy
