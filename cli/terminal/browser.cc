#include "cli/terminal/browser.h"

#include <fmt/format.h>

#include "base/text.h"

namespace devproxy {
namespace {

/// Time to fail in; who is still there afterwards shows the page.
constexpr std::chrono::milliseconds patience{2'000};

/// One command of BROWSER: "%s" stands for the URL, which else comes last.
Words words_of(std::string_view command, const std::string& url) {
  Words words;
  bool has_place = false;
  for (const std::string_view part : split(command, ' ')) {
    if (part.empty()) continue;
    std::string word(part);
    if (const std::size_t place = word.find("%s"); place != std::string::npos) {
      word.replace(place, 2, url);
      has_place = true;
    }
    words.push_back(std::move(word));
  }
  if (!has_place && !words.empty()) words.push_back(url);
  return words;
}

}  // namespace

tl::expected<std::string, Failure> open_in_browser(const std::string& url, CommandRunner& runner,
                                                   const Variables& variables) {
  const std::string named = variables("BROWSER").value_or("");
  if (named == "none") return "";
  std::vector<Words> commands;
  for (const std::string_view command : split(named, ':'))
    commands.push_back(words_of(command, url));
  for (const std::string& opener : browser_openers(variables)) commands.push_back({opener, url});
  RunOptions options;
  options.may_stay = true;
  options.limit = patience;
  std::string why_not;
  for (const Words& words : commands) {
    if (words.empty() || !runner.find(words.front())) continue;
    const auto result = runner.run(words, options);
    if (result && result->worked()) return words.front();
    if (why_not.empty())
      why_not = fmt::format("{} could not: {}", escape(words.front()),
                            result ? result->last_words() : result.error().detail);
  }
  if (why_not.empty()) return "";
  return tl::unexpected(
      Failure{ExitCode::failed,
              "open.failed",
              fmt::format("{} is not opened: {}", url, why_not),
              "open it yourself, or name another browser: BROWSER=firefox devproxy open",
              {}});
}

}  // namespace devproxy
