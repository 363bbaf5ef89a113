#include "cli/command_line/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/version.h"
#include "cli/command_line/command_facts.h"
#include "cli/command_line/command_tree.h"

namespace devproxy {
namespace {

constexpr std::size_t help_width = 90;

std::string summary_of(const Parameter& parameter) {
  const bool listed = parameter.suggest == Suggest::choices;
  std::string text(parameter.summary);
  if (listed) text += fmt::format(": {}", one_of(choices_of(parameter)));
  return text;
}

std::string option_lines(const std::vector<OptionInfo>& options) {
  std::string text;
  for (const OptionInfo& option : options)
    text += fmt::format("  {:<26} {}\n", option.name, option.summary);
  return text;
}

/// Words in lines of `help_width`.
std::string wrapped(std::string_view text) {
  std::string lines;
  std::size_t column = 0;
  for (const std::string_view word : split(text, ' ')) {
    if (column > 0 && column + 1 + word.size() > help_width) {
      lines += '\n';
      column = 0;
    } else if (column > 0) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines + "\n";
}

std::string exit_code_lines() {
  std::vector<std::string> codes;
  for (const Fact& fact : exit_codes())
    codes.push_back(fmt::format("{} {}", fact.name, fact.meaning));
  return wrapped(fmt::format("Exit codes: {}.", fmt::join(codes, ", ")));
}

std::string title() {
  return fmt::format(
      "devproxy {}: stable names for the servers of this machine\n\n"
      "Examples:\n"
      "  devproxy init     write devproxy.toml from what is found here\n"
      "  devproxy up       start the proxy, show the URLs and every request\n"
      "  devproxy explain https://shop.localhost:6289/api\n\n",
      program_version);
}

std::string help_for_all() {
  std::string text = title() + "Commands:\n";
  for (const CommandInfo& info : commands())
    text += fmt::format("  {:<10} {}\n", info.name, info.summary);
  text += "\nOptions:\n" + option_lines(options_of("")) + "\n" + exit_code_lines();
  return text + "devproxy help COMMAND says more.\n";
}

std::string help_for(const CommandInfo& info) {
  std::string examples;
  for (const std::string_view line : split(info.examples, '\n')) {
    if (!line.empty()) examples += fmt::format("  {}\n", line);
  }
  return fmt::format("devproxy {}: {}\n\nExamples:\n{}\nUsage: {}\n\nOptions:\n{}", info.name,
                     info.summary, examples, usage_line(info), option_lines(options_of(info.name)));
}

}  // namespace

tl::expected<std::string, Failure> help_text(std::string_view command) {
  if (command.empty()) return help_for_all();
  const CommandInfo* const info = find_command(command);
  if (info == nullptr) return tl::unexpected(unknown_command(command));
  return help_for(*info);
}

std::string short_help() {
  return title() + "devproxy help lists the commands, devproxy help COMMAND explains one.\n";
}

std::vector<OptionInfo> options_of(std::string_view command) {
  const CommandInfo* const info = find_command(command);
  std::vector<OptionInfo> list;
  for (const Parameter& parameter :
       all_parameters(info == nullptr ? CommandId::none : info->command))
    list.push_back({shown(parameter), summary_of(parameter)});
  if (info == nullptr)
    list.push_back({shown(version_parameter()), std::string(version_parameter().summary)});
  return list;
}

Failure unknown_command(std::string_view word) {
  const auto later = later_commands();
  if (std::find(later.begin(), later.end(), word) != later.end())
    return not_built(std::string(word), "devproxy help lists the commands of this version");
  std::vector<std::string_view> known;
  for (const CommandInfo& info : commands()) known.push_back(info.name);
  return {ExitCode::usage,
          "usage.unknown_command",
          fmt::format("there is no command \"{}\"", escape(word)),
          nearest_hint(word, known, "devproxy help lists the commands"),
          {}};
}

}  // namespace devproxy
