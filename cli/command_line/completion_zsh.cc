// For zsh 5: sourced behind compinit, or as the file _devproxy in a folder of fpath.
#include <fmt/format.h>

#include "cli/command_line/command_tree.h"
#include "cli/command_line/completion.h"

namespace devproxy {
namespace {

constexpr std::string_view head = R"sh(#compdef devproxy
# zsh completion of devproxy, made by: devproxy completion zsh

_devproxy_services() {
  local program=${devproxy_line[1]/#\~/$HOME}
  whence -p -- $program >/dev/null || program=devproxy
  local -a names expl
  names=(${(f)"$($program __complete services "${(@)devproxy_line[2,-1]}" 2>/dev/null)"})
  _wanted services expl service compadd -a names
}

_devproxy_commands() {
  local -a names
  names=(
)sh";

constexpr std::string_view body = R"sh(  )
  _describe -t commands command names
}

_devproxy() {
  local curcontext=$curcontext context state state_descr line ret=1
  typeset -A opt_args
  local -a devproxy_line common
  devproxy_line=("${(@Q)words[1,CURRENT-1]}")
  local -i mark=${devproxy_line[(i)--]}
  if (( mark < CURRENT )); then
    # What stands behind "--" is a command line of its own.
    shift mark words
    (( CURRENT -= mark ))
    _normal
    return
  fi
  common=(
)sh";

constexpr std::string_view tail = R"sh(  esac
  return ret
}

if [[ $funcstack[1] == _devproxy ]]; then
  _devproxy "$@"
elif (( $+functions[compdef] )); then
  compdef _devproxy devproxy
else
  print -u2 'devproxy: its completion needs compinit before it: autoload -U compinit && compinit'
fi
)sh";

/// Inside single quotes, with the characters that _arguments and _describe give a meaning.
std::string quoted_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      if (c == ':' || c == '[' || c == ']' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result;
}

std::string action_for(const Parameter& parameter) {
  switch (parameter.suggest) {
    case Suggest::nothing:
      return " ";
    case Suggest::choices:
    case Suggest::examples:
      return fmt::format("({})", parameter.choices);
    case Suggest::files:
      return "_files";
    case Suggest::services:
      return "_devproxy_services";
    case Suggest::commands:
      return "_devproxy_commands";
    case Suggest::program:
      return "(--)";
  }
  return "";
}

/// One word for _arguments.
std::string spec(const Parameter& parameter) {
  if (parameter.is_argument()) {
    return fmt::format("'{}:{}:{}'", parameter.is_many() ? "*" : "", parameter.names,
                       action_for(parameter));
  }
  const auto names = spellings(parameter);
  const bool takes_value = !parameter.value.empty();
  std::vector<std::string> forms;
  for (const std::string_view name : names) {
    const std::string_view joint = !takes_value ? "" : name.starts_with("--") ? "=" : "+";
    forms.push_back(fmt::format("{}{}", name, joint));
  }
  std::string text = parameter.is_many()
                         ? std::string("'*'")
                         : fmt::format("'({})'", fmt::join(names.begin(), names.end(), " "));
  text += names.size() == 1 ? forms.front() : fmt::format("{{{}}}", fmt::join(forms, ","));
  text += fmt::format("'[{}]", quoted_text(parameter.summary));
  if (takes_value)
    text += fmt::format(":{}:{}", quoted_text(parameter.value), action_for(parameter));
  return text + "'";
}

}  // namespace

std::string zsh_completion() {
  std::string text(head);
  for (const CommandInfo& info : commands())
    text += fmt::format("    '{}:{}'\n", info.name, quoted_text(info.summary));
  text += body;
  for (const Parameter& parameter : common_parameters())
    text += fmt::format("    {}\n", spec(parameter));
  text += fmt::format(
      "  )\n"
      "  _arguments -C -A '-*' $common {} \\\n"
      "    ': :_devproxy_commands' '*:: :->arguments' && ret=0\n"
      "  [[ $state == arguments ]] || return ret\n"
      "  case $words[1] in\n",
      spec(version_parameter()));
  for (const CommandInfo& info : commands()) {
    text += fmt::format("    {})\n      _arguments $common", info.name);
    for (const Parameter& parameter : own_parameters(info.command))
      text += fmt::format(" \\\n        {}", spec(parameter));
    text += " && ret=0\n      ;;\n";
  }
  text += tail;
  return text;
}

}  // namespace devproxy
