#include "cli/command_line/reference_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/command_line/command_facts.h"
#include "cli/command_line/command_tree.h"
#include "cli/command_line/help.h"

namespace devproxy {
namespace {

/// Of a table, where a bar would begin the next column.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string option_table(const std::vector<OptionInfo>& options) {
  std::string text = "| option | meaning |\n|---|---|\n";
  for (const OptionInfo& option : options)
    text += fmt::format("| `{}` | {} |\n", cell(option.name), cell(option.summary));
  return text + "\n";
}

std::string fact_table(std::string_view title, std::string_view column,
                       std::span<const Fact> facts) {
  std::string text = fmt::format("## {}\n\n| {} | meaning |\n|---|---|\n", title, column);
  for (const Fact& fact : facts)
    text += fmt::format("| `{}` | {} |\n", cell(fact.name), cell(fact.meaning));
  return text + "\n";
}

std::string example_block(const CommandInfo& info) {
  const std::vector<Example> examples = examples_of(info);
  std::size_t width = 0;
  for (const Example& example : examples) {
    if (!example.meaning.empty()) width = std::max(width, example.line.size());
  }
  std::string text = "```sh\n";
  for (const Example& example : examples) {
    text += example.meaning.empty()
                ? fmt::format("{}\n", example.line)
                : fmt::format("{:<{}}  # {}\n", example.line, width, example.meaning);
  }
  return text + "```\n\n";
}

std::string section(const CommandInfo& info) {
  std::string text =
      fmt::format("## {}\n\n`{}`: {}.\n\n", info.name, usage_line(info), info.summary);
  std::vector<OptionInfo> own = options_of(info.name);
  own.resize(own_parameters(info.command).size());
  if (!own.empty()) text += option_table(own);
  return text + example_block(info);
}

}  // namespace

std::string reference_page() {
  std::string text =
      "<!-- Made by `devproxy __reference > docs/reference/cli.md`; a test compares. -->\n"
      "# Commands\n\n"
      "`devproxy help COMMAND` and `man devproxy` say the same. Without a command, `devproxy` "
      "shows "
      "the status when one of yours is running, else a short help.\n\n"
      "| command | does |\n|---|---|\n";
  for (const CommandInfo& info : commands())
    text += fmt::format("| [`{0}`](#{0}) | {1} |\n", info.name, cell(info.summary));
  text += "\nEvery command takes, in front of its name or behind it:\n\n";
  std::vector<OptionInfo> common = options_of("");
  common.resize(common_parameters().size());  // without --version
  text += option_table(common);
  for (const CommandInfo& info : commands()) text += section(info);
  text += fact_table("Exit codes", "code", exit_codes());
  text += "`run` returns the exit code of its command.\n\n";
  text += fact_table("Variables", "variable", variables_read());
  text +=
      "What devproxy sets for the services that it runs is in "
      "[services.md](../services.md#what-a-program-finds-in-its-environment).\n\n";
  text += fact_table("Files", "file", own_files());
  text.pop_back();
  return text;
}

}  // namespace devproxy
