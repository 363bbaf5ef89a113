// For bash 3.2 (macOS) and later, with or without the package bash-completion.
#include <fmt/format.h>

#include "cli/command_line/command_tree.h"
#include "cli/command_line/completion.h"

namespace devproxy {
namespace {

constexpr std::string_view head =
    R"sh(# bash completion of devproxy, made by: devproxy completion bash

_devproxy_offer() {
  local IFS=$' \t\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_devproxy_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}

_devproxy_services() {
  local program=${1/#\~/$HOME}
  type -P "$program" >/dev/null || program=devproxy
  _devproxy_offer "$("$program" __complete services "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)"
}

# What stands behind "--" is a command line of its own, from this word on.
_devproxy_program() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif ((COMP_CWORD == $1)); then
    local IFS=$'\n'
    COMPREPLY=($(compgen -c -- "$cur"))
  else
    _devproxy_files
  fi
}

_devproxy() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local command= count=0 i=1
  COMPREPLY=()
  # Of --config=FILE bash makes three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  while ((i < COMP_CWORD)); do
    case $command:${COMP_WORDS[i]} in
      *:--)
        [[ $command != run ]] || _devproxy_program $((i + 1))
        return
        ;;
)sh";

constexpr std::string_view walk = R"sh()
        i=$((i + 1))
        [[ ${COMP_WORDS[i]} != = ]] || i=$((i + 1))
        ;;
      *:-*) ;;
      :*) command=${COMP_WORDS[i]} ;;
      *) count=$((count + 1)) ;;
    esac
    i=$((i + 1))
  done
  case $command:$prev in
)sh";

std::string joined(const std::vector<std::string_view>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

/// What completes a value; "$1" is the program as it was typed.
std::string action_for(const Parameter& parameter) {
  switch (parameter.suggest) {
    case Suggest::nothing:
      return "return";
    case Suggest::choices:
    case Suggest::examples:
      return fmt::format("_devproxy_offer '{}'", parameter.choices);
    case Suggest::files:
      return "_devproxy_files";
    case Suggest::services:
      return "_devproxy_services \"$1\"";
    case Suggest::commands: {
      std::vector<std::string_view> names;
      for (const CommandInfo& info : commands()) names.push_back(info.name);
      return fmt::format("_devproxy_offer '{}'", joined(names));
    }
    case Suggest::program:
      return "_devproxy_offer --";
  }
  return "";
}

/// "up:--log", or "*:-c|*:--config" for options of every command.
std::string pattern(std::string_view command, const Parameter& option) {
  std::string text;
  for (const std::string_view name : spellings(option))
    text += fmt::format("{}{}:{}", text.empty() ? "" : "|", command, name);
  return text;
}

/// Calls `f(command, parameter)` for all: "*" stands for every command.
template <class F>
void walk_all(F f) {
  for (const Parameter& parameter : common_parameters()) f("*", parameter);
  for (const CommandInfo& info : commands()) {
    for (const Parameter& parameter : own_parameters(info.command)) f(info.name, parameter);
  }
}

bool takes_value(const Parameter& parameter) {
  return !parameter.is_argument() && !parameter.value.empty();
}

std::string option_names(std::span<const Parameter> parameters) {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : parameters) {
    if (parameter.is_argument()) continue;
    const auto own = spellings(parameter);
    names.insert(names.end(), own.begin(), own.end());
  }
  return joined(names);
}

std::string option_lines() {
  std::string text;
  for (const CommandInfo& info : commands()) {
    const std::string names = option_names(own_parameters(info.command));
    if (!names.empty()) text += fmt::format("      {}) options='{}' ;;\n", info.name, names);
  }
  return text;
}

std::string argument_lines() {
  std::string text;
  for (const CommandInfo& info : commands()) {
    std::size_t place = 0;
    for (const Parameter& parameter : own_parameters(info.command)) {
      if (!parameter.is_argument()) continue;
      const std::string which = parameter.is_many() ? "*" : std::to_string(place);
      if (parameter.suggest != Suggest::nothing)
        text += fmt::format("    {}:{}) {} ;;\n", info.name, which, action_for(parameter));
      ++place;
    }
  }
  return text;
}

}  // namespace

std::string bash_completion() {
  std::string with_value;
  std::string values;
  walk_all([&](std::string_view command, const Parameter& parameter) {
    if (!takes_value(parameter)) return;
    const std::string names = pattern(command, parameter);
    with_value += (with_value.empty() ? "      " : "|") + names;
    const std::string action = action_for(parameter);
    values += fmt::format("    {})\n      {}\n{}      ;;\n", names, action,
                          action == "return" ? "" : "      return\n");
  });
  Parameter help{};
  help.suggest = Suggest::commands;
  std::string text(head);
  text += with_value;
  text += walk;
  text += values;
  text += fmt::format(
      "  esac\n"
      "  if [[ $cur == -* ]]; then\n"
      "    local options=\n"
      "    case $command in\n"
      "      '') options='{}' ;;\n"
      "{}    esac\n"
      "    _devproxy_offer \"$options {}\"\n"
      "    return\n"
      "  fi\n"
      "  case $command:$count in\n"
      "    :*) {} ;;\n"
      "{}  esac\n"
      "}}\n\n"
      "complete -F _devproxy devproxy\n",
      version_parameter().names, option_lines(), option_names(common_parameters()),
      action_for(help), argument_lines());
  return text;
}

}  // namespace devproxy
