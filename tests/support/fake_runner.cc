#include "tests/support/fake_runner.h"

#include <algorithm>

namespace devproxy {

void FakeRunner::install(std::string program, Play play) {
  programs_.emplace_back(std::move(program), std::move(play));
}

std::optional<std::string> FakeRunner::find(std::string_view program) {
  for (const auto& [installed, play] : programs_) {
    if (installed == program)
      return installed.find('/') == std::string::npos ? "/usr/bin/" + installed : installed;
  }
  return std::nullopt;
}

Result<CommandResult> FakeRunner::run(const Words& words, const RunOptions& options) {
  runs_.push_back(words);
  on_terminal_ = on_terminal_ || options.on_terminal;
  const bool by_root = words.front() == "sudo" || words.front() == "doas";
  const Words command(words.begin() + (by_root ? 1 : 0), words.end());
  for (const auto& [installed, play] : programs_) {
    if (name_of(installed) == name_of(command.front())) return play(command);
  }
  return fail(Code::missing, Source::system, command.front() + " is not installed");
}

std::vector<std::string> FakeRunner::commands(const std::vector<std::string>& without) const {
  std::vector<std::string> result;
  for (const Words& words : runs_) {
    std::string text = shell_quoted(words);
    const bool hidden =
        std::any_of(without.begin(), without.end(),
                    [&text](const std::string& begin) { return text.starts_with(begin); });
    if (!hidden) result.push_back(std::move(text));
  }
  return result;
}

}  // namespace devproxy
