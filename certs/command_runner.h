// A CommandRunner runs other programs and waits for them: certutil, update-ca-certificates, sudo.
// No shell is between. The stores of `trust` see only this interface, so that tests can play every
// system. Main thread of a command; blocks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace devproxy {

/// A program and its arguments.
using Words = std::vector<std::string>;

/// As a person would type it: each word quoted where a shell needs it.
std::string shell_quoted(std::string_view word);
std::string shell_quoted(const Words& words);

struct RunOptions {
  /// The program may ask on our terminal (sudo: the password). Otherwise it has none, and nothing
  /// to read.
  bool on_terminal = false;
  std::chrono::milliseconds limit{120'000};  ///< it is killed after that; not with a terminal
  /// It may go on after `limit`, which then counts as having worked: a browser. What it says is not
  /// read, and its environment is ours.
  bool may_stay = false;
};

struct CommandResult {
  int exit_code = -1;  ///< -1: ended by a signal
  std::string output;
  std::string errors;

  bool worked() const { return exit_code == 0; }
  /// The last line that it said, for messages: of the errors, else of the output.
  std::string last_words() const;
};

class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  /// The full path of a program in PATH, or in the folders of system programs that PATH may lack.
  virtual std::optional<std::string> find(std::string_view program) = 0;
  /// An Error when it could not be started or did not end in time. Programs speak English
  /// (LC_ALL=C).
  virtual Result<CommandResult> run(const Words& words, const RunOptions& options) = 0;
};

class SystemRunner final : public CommandRunner {
 public:
  std::optional<std::string> find(std::string_view program) override;
  Result<CommandResult> run(const Words& words, const RunOptions& options) override;
};

}  // namespace devproxy
