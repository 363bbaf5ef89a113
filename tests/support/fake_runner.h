// A FakeRunner plays the programs of a system that is not this one: it notes every command and
// answers as it was told to. Nothing is run.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/command_runner.h"

namespace devproxy {

class FakeRunner final : public CommandRunner {
 public:
  /// Does what the program would do, and says how it ended.
  using Play = std::function<CommandResult(const Words& words)>;

  /// From now on `program` is installed (in /usr/bin, or where its path says).
  void install(std::string program, Play play);
  void install(std::string program) {
    install(std::move(program), [](const Words& /*words*/) { return worked(); });
  }
  static CommandResult worked(std::string output = "") { return {0, std::move(output), ""}; }
  static CommandResult failed(std::string errors) { return {1, "", std::move(errors)}; }

  std::optional<std::string> find(std::string_view program) override;
  Result<CommandResult> run(const Words& words, const RunOptions& options) override;

  /// Every command so far, as a shell would be given it; those that only look are left out by
  /// naming what they begin with.
  std::vector<std::string> commands(const std::vector<std::string>& without = {}) const;
  void clear() { runs_.clear(); }
  bool asked_on_terminal() const { return on_terminal_; }

 private:
  static std::string name_of(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
  }
  std::vector<std::pair<std::string, Play>> programs_;
  std::vector<Words> runs_;
  bool on_terminal_ = false;
};

}  // namespace devproxy
