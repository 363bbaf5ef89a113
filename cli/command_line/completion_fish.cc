// For fish 3 and later.
#include <fmt/format.h>

#include "cli/command_line/command_tree.h"
#include "cli/command_line/completion.h"

namespace devproxy {
namespace {

constexpr std::string_view head =
    R"sh(# fish completion of devproxy, made by: devproxy completion fish

function __devproxy_services
    set -l words (commandline -opc)
    set -l program (string replace -r -- '^~' $HOME $words[1])
    type -q $program; or set program devproxy
    $program __complete services $words[2..-1] 2>/dev/null
end

# What stands behind "--" is a command line of its own.
function __devproxy_program
    set -l words (commandline -opc)
    set -l mark (contains -i -- -- $words)
    set -l line (string escape -- $words[(math $mark + 1)..-1]) (commandline -ct)
    complete -C (string join ' ' -- $line)
end

# at COMMAND [COUNT]: that command was typed, and so many arguments behind it; "" is no command.
function __devproxy_at
    set -l words (commandline -opc)
    set words $words[2..-1]
    set -l command
    set -l count 0
    while set -q words[1]
        switch "$command:$words[1]"
            case '*:--'
                set command "$command --"
                break
)sh";

constexpr std::string_view walk = R"sh(
                set words $words[2..-1]
            case '*:-*'
            case ':*'
                set command $words[1]
            case '*'
                set count (math $count + 1)
        end
        set words $words[2..-1]
    end
    test "$command" = "$argv[1]"; or return
    not set -q argv[2]; or test $count -eq $argv[2]
end

complete -c devproxy -f
complete -c devproxy -n '__devproxy_at "run --"' -a '(__devproxy_program)'
)sh";

std::string quoted_text(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

/// The options of `complete` that offer a parameter's values.
std::string values_of(const Parameter& parameter) {
  switch (parameter.suggest) {
    case Suggest::nothing:
      return "";
    case Suggest::choices:
    case Suggest::examples:
      return fmt::format(" -a '{}'", parameter.choices);
    case Suggest::files:
      return " -F";
    case Suggest::services:
      return " -a '(__devproxy_services)'";
    case Suggest::commands: {
      std::vector<std::string_view> names;
      for (const CommandInfo& info : commands()) names.push_back(info.name);
      return fmt::format(" -a '{}'", fmt::join(names, " "));
    }
    case Suggest::program:
      return " -a --";
  }
  return "";
}

std::string option_line(const std::string& condition, const Parameter& option) {
  std::string text = "complete -c devproxy" + condition;
  for (const std::string_view name : spellings(option)) {
    const bool is_long = name.starts_with("--");
    text += fmt::format(" -{} {}", is_long ? 'l' : 's', name.substr(is_long ? 2 : 1));
  }
  if (!option.value.empty())
    text += (option.suggest == Suggest::files ? " -r" : " -x") + values_of(option);
  return text + fmt::format(" -d {}\n", quoted_text(option.summary));
}

std::string with_value_patterns() {
  std::string text = "            case";
  const auto add = [&text](std::string_view command, std::span<const Parameter> parameters) {
    for (const Parameter& parameter : parameters) {
      if (parameter.is_argument() || parameter.value.empty()) continue;
      for (const std::string_view name : spellings(parameter))
        text += fmt::format(" '{}:{}'", command, name);
    }
  };
  add("*", common_parameters());
  for (const CommandInfo& info : commands()) add(info.name, own_parameters(info.command));
  return text;
}

std::string lines_of(const CommandInfo& info) {
  std::string text;
  std::size_t place = 0;
  for (const Parameter& parameter : own_parameters(info.command)) {
    if (!parameter.is_argument()) {
      text += option_line(fmt::format(" -n '__devproxy_at {}'", info.name), parameter);
      continue;
    }
    const std::string count = parameter.is_many() ? "" : fmt::format(" {}", place++);
    if (const std::string values = values_of(parameter); !values.empty()) {
      text +=
          fmt::format("complete -c devproxy -n '__devproxy_at {}{}'{}\n", info.name, count, values);
    }
  }
  return text;
}

}  // namespace

std::string fish_completion() {
  std::string text(head);
  text += with_value_patterns();
  text += walk;
  for (const Parameter& parameter : common_parameters()) text += option_line("", parameter);
  text += option_line(" -n '__devproxy_at \"\"'", version_parameter());
  for (const CommandInfo& info : commands()) {
    text += fmt::format("complete -c devproxy -n '__devproxy_at \"\"' -a {} -d {}\n", info.name,
                        quoted_text(info.summary));
  }
  for (const CommandInfo& info : commands()) text += lines_of(info);
  return text;
}

}  // namespace devproxy
