#include "certs/command_runner.h"

#include <fmt/format.h>

#include "base/text.h"

namespace devproxy {

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view harmless =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,@%+";
  if (!word.empty() && word.find_first_not_of(harmless) == std::string_view::npos)
    return std::string(word);
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

std::string shell_quoted(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += shell_quoted(word);
  }
  return text;
}

std::string CommandResult::last_words() const {
  for (const std::string* text : {&errors, &output}) {
    const std::vector<std::string_view> lines = split(*text, '\n');
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      if (const std::string_view words = trim(*line); !words.empty()) return escape(words);
    }
  }
  return exit_code < 0 ? "it was killed" : fmt::format("exit code {}", exit_code);
}

}  // namespace devproxy
