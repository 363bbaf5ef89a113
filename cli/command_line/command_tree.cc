#include "cli/command_line/command_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace devproxy {

std::vector<Parameter> all_parameters(CommandId command) {
  const auto own = own_parameters(command);
  const auto common = common_parameters();
  std::vector<Parameter> all(own.begin(), own.end());
  all.insert(all.end(), common.begin(), common.end());
  return all;
}

const CommandInfo* find_command(std::string_view name) {
  const auto known = commands();
  const auto found = std::find_if(known.begin(), known.end(),
                                  [name](const CommandInfo& info) { return info.name == name; });
  return found == known.end() ? nullptr : &*found;
}

std::vector<std::string_view> spellings(const Parameter& option) {
  return split(option.names, ',');
}

std::vector<std::string_view> choices_of(const Parameter& parameter) {
  if (parameter.choices.empty()) return {};
  return split(parameter.choices, ' ');
}

std::string shown(const Parameter& parameter) {
  std::string text = fmt::format("{}", fmt::join(spellings(parameter), ", "));
  if (!parameter.value.empty()) text += fmt::format(" {}", parameter.value);
  return text;
}

std::string usage_line(const CommandInfo& command) {
  std::string text = fmt::format("devproxy {} [OPTIONS]", command.name);
  for (const Parameter& parameter : own_parameters(command.command)) {
    if (!parameter.is_argument()) continue;
    std::string word(parameter.names);
    if (parameter.suggest == Suggest::choices)
      word = fmt::format("{}", fmt::join(choices_of(parameter), "|"));
    if (parameter.suggest == Suggest::program) word.insert(0, "-- ");
    if (parameter.is_many()) word += "...";
    text += fmt::format(fmt::runtime(parameter.required ? " {}" : " [{}]"), word);
  }
  return text;
}

std::vector<Example> examples_of(const CommandInfo& command) {
  std::vector<Example> examples;
  for (const std::string_view line : split(command.examples, '\n')) {
    if (line.empty()) continue;
    const std::size_t gap = line.find("  ");
    Example example{line.substr(0, gap), {}};
    if (gap != std::string_view::npos)
      example.meaning = line.substr(line.find_first_not_of(' ', gap));
    examples.push_back(example);
  }
  return examples;
}

}  // namespace devproxy
