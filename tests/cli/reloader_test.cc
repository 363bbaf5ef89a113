#include "cli/reloader.h"

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
  reloader.reload();
  loop.run();
  REQUIRE(seen.size() == 1);
  CHECK(port_of(seen[0]) == 4001);
  CHECK(seen[0].changes.empty());

  reloader.set_current(seen[0].table);
  folder.write("devproxy.toml", file_with_port(4002));
  reloader.reload();
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
  reloader.reload();
  folder.replace("devproxy.toml", file_with_port(4002));
  reloader.reload();
  folder.replace("devproxy.toml", file_with_port(4003));
  reloader.reload();
  loop.run();
  // One report, of the newest content: the first load was already old when it ended.
  CHECK(ports == std::vector<std::uint16_t>{4003});
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
  reloader.reload();
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
    reloader.reload();
  }
  CHECK_FALSE(called);
}

}  // namespace
}  // namespace devproxy
