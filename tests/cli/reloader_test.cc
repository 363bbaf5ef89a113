#include "cli/edge/reloader.h"

#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

std::string file_with_port(int port) {
  return "[services.web]\nport = " + std::to_string(port) + "\n";
}

LoadRequest request_for(const TempDir& folder) {
  return {folder.path(), folder.file("devproxy.toml"),
          [](std::string_view) { return std::nullopt; }};
}

std::uint16_t port_of(const Loaded& loaded) {
  REQUIRE(loaded.outcome.result.has_value());
  return std::get<PortTarget>(loaded.outcome.result->services.front().target).port;
}

TEST_CASE("reloader: reads the file off the loop and tells what changed", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", file_with_port(4001));
  Loop loop;
  std::vector<Loaded> seen;
  Reloader reloader(loop, request_for(folder), [&](Loaded loaded) {
    seen.push_back(std::move(loaded));
    loop.stop();
  });
  reloader.reload(Cause::file);
  loop.run();
  REQUIRE(seen.size() == 1);
  CHECK(port_of(seen[0]) == 4001);
  CHECK(seen[0].changes.empty());

  reloader.set_current(seen[0].table);
  reloader.go_on();
  folder.write("devproxy.toml", file_with_port(4002));
  reloader.reload(Cause::file);
  loop.run();
  REQUIRE(seen.size() == 2);
  REQUIRE(seen[1].changes.size() == 1);
  CHECK_THAT(seen[1].changes[0], ContainsSubstring(":4001 -> :4002"));
}

TEST_CASE("reloader: loads never overlap, and a change during a load is read after it", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", file_with_port(4001));
  Loop loop;
  std::vector<std::uint16_t> ports;
  Reloader reloader(loop, request_for(folder), [&](Loaded loaded) {
    ports.push_back(port_of(loaded));
    loop.stop();
  });
  reloader.reload(Cause::file);
  folder.replace("devproxy.toml", file_with_port(4002));
  reloader.reload(Cause::file);
  folder.replace("devproxy.toml", file_with_port(4003));
  reloader.reload(Cause::file);
  loop.run();
  // One report, of the newest content: the first load was already old when it ended.
  CHECK(ports == std::vector<std::uint16_t>{4003});
}

TEST_CASE(
    "reloader: what was asked for meanwhile comes after it, each when the one before is taken",
    "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", file_with_port(4001));
  const auto before = std::make_shared<Config>(*load(request_for(folder)).result);
  folder.write("devproxy.toml", file_with_port(4002));
  Loop loop;
  std::vector<Loaded> seen;
  Reloader reloader(loop, request_for(folder), [&](Loaded loaded) {
    seen.push_back(std::move(loaded));
    loop.stop();
  });
  reloader.reload(Cause::file);
  reloader.restore(Cause::rollback, {1, before, {}});
  reloader.reload(Cause::signal);
  reloader.reload(Cause::file);
  for (std::size_t count = 1; count <= 3; ++count) {
    loop.run();
    REQUIRE(seen.size() == count);
    reloader.set_current(seen.back().table);
    reloader.go_on();
  }
  CHECK(port_of(seen[0]) == 4002);
  CHECK(seen[0].cause == Cause::file);
  CHECK(port_of(seen[1]) == 4001);
  REQUIRE(seen[1].restoring);
  CHECK(seen[1].restoring->generation == 1);
  REQUIRE(seen[1].changes.size() == 1);
  CHECK_THAT(seen[1].changes[0], ContainsSubstring(":4002 -> :4001"));
  // The signal says more than the watcher.
  CHECK(port_of(seen[2]) == 4002);
  CHECK(seen[2].cause == Cause::signal);
}

TEST_CASE("reloader: an invalid file has problems and no table", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", "nonsense = 1\n");
  Loop loop;
  bool seen = false;
  Reloader reloader(loop, request_for(folder), [&](Loaded loaded) {
    CHECK_FALSE(loaded.outcome.result.has_value());
    CHECK(loaded.table == nullptr);
    CHECK_FALSE(loaded.outcome.files.empty());
    seen = true;
    loop.stop();
  });
  reloader.reload(Cause::file);
  loop.run();
  CHECK(seen);
}

TEST_CASE("reloader: may be destroyed while a load is under way", "[cli]") {
  const TempDir folder;
  folder.write("devproxy.toml", file_with_port(4001));
  bool called = false;
  {
    Loop loop;
    Reloader reloader(loop, request_for(folder), [&](const Loaded&) { called = true; });
    reloader.reload(Cause::file);
  }
  CHECK_FALSE(called);
}

}  // namespace
}  // namespace devproxy
