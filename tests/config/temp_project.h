// A TempProject is a folder of its own for one test, with files to load() from. Gone with its
// owner; test thread only.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {

class TempProject {
 public:
  TempProject() : folder_(dir_.file("shop")) { std::filesystem::create_directories(folder_); }

  /// Called "shop", in an otherwise empty one.
  const std::string& folder() const { return folder_; }
  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }

  /// `name` is relative to the folder; folders on the way are made.
  void write(std::string_view name, std::string_view text) const {
    dir_.write("shop/" + std::string(name), text);
  }

  std::map<std::string, std::string, std::less<>> environment;

  LoadRequest request() const {
    LoadRequest request;
    request.working_directory = folder_;
    request.environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    };
    return request;
  }
  LoadOutcome load() const { return devproxy::load(request()); }

  /// The Config; the test fails with the problems when there are any.
  Config config() const {
    auto outcome = load();
    INFO(rendered(outcome));
    REQUIRE(outcome.result.has_value());
    return *std::move(outcome.result);
  }
  /// Every problem as a terminal shows it; empty when there are none.
  std::string problems() const { return rendered(load()); }

  static std::string rendered(const LoadOutcome& outcome) {
    std::string text;
    if (outcome.result) return text;
    for (const Problem& problem : outcome.result.error()) text += render(problem, false);
    return text;
  }

 private:
  TempDir dir_;
  std::string folder_;
};

}  // namespace devproxy
