// A TrustStage is a made-up machine: a folder that plays "/", another that plays the home, and a
// real CA of ours. Used by the tests of trust stores.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "certs/authority.h"
#include "certs/trust_run.h"
#include "certs/trust_store.h"
#include "tests/support/fake_runner.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {

inline Anchor make_anchor(const std::string& folder) {
  REQUIRE(Authority::load_or_make(folder, {}).has_value());
  auto anchor = read_anchor(Authority::certificate_path(folder));
  REQUIRE(anchor.has_value());
  return *anchor;
}

struct TrustStage {
  TempDir folder;
  FakeRunner runner;
  std::map<std::string, std::string> variables;
  Anchor anchor = make_anchor(folder.file("state"));
  std::vector<Anchor> anchors{anchor};

  std::string root() const { return folder.file("root"); }
  std::string home() const { return folder.file("home"); }
  Surroundings surroundings(CommandRunner& commands, bool is_root) {
    const auto read = [this](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return {commands, home(), read, is_root, root()};
  }
  Surroundings surroundings(bool is_root = false) { return surroundings(runner, is_root); }
  std::string pem() const { return folder.read("state/ca.pem"); }
  void touch(const std::string& name) const { folder.write(name, ""); }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder.file(name)); }
};

/// What a run says of the store called `name`.
inline StoreReport report_of(const TrustRun& run, std::string_view name) {
  for (const StoreReport& report : run.reports()) {
    if (report.label.name == name) return report;
  }
  FAIL("no store is called " << name);
  return {};
}

}  // namespace devproxy
