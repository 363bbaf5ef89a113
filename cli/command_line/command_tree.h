// The commands, their words and what each takes, as plain values: tables from which the parser,
// help, completions, man pages and docs/reference/cli.md are made. The functions are in
// cli/commands/commands.h.
// Constant data; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/command_line/invocation.h"

namespace devproxy {

struct CommandInfo {
  CommandId command;
  std::string_view name;
  std::string_view summary;
  std::string_view examples;  ///< lines of "command<two spaces>what it does"
};

/// In the order that help shows them, the common ones first.
std::span<const CommandInfo> commands();
/// Commands of the contract that this version does not build, so that they can be told from typing
/// slips.
std::span<const std::string_view> later_commands();

/// Where a value goes. A bool makes a flag, a list takes more than one value; what is given to a
/// function was checked against the choices before.
using Field =
    std::variant<bool Invocation::*, std::string Invocation::*,
                 std::optional<std::string> Invocation::*, std::vector<std::string> Invocation::*,
                 std::size_t Invocation::*, std::chrono::milliseconds Invocation::*,
                 void (*)(Invocation&, const std::string&)>;

/// What completions offer.
enum class Suggest : std::uint8_t {
  nothing,   ///< nobody knows: a URL, a number
  choices,   ///< one of these, and nothing else is taken
  examples,  ///< the choices are usual ones, others are taken too
  files,
  services,  ///< their names, asked for when they are needed
  commands,  ///< ours
  program,   ///< a command line of its own, behind "--"
};

/// An option, or an argument.
struct Parameter {
  std::string_view names;  ///< "-c,--config"; of an argument "SERVICE", without hyphens
  std::string_view value;  ///< how help calls an option's value: "FILE"; empty: it is a flag
  std::string_view summary;
  Field field;
  Suggest suggest = Suggest::nothing;
  std::string_view choices = {};  ///< separated by single spaces
  bool required = false;

  bool is_argument() const { return !names.starts_with('-'); }
  bool is_many() const {
    return std::holds_alternative<std::vector<std::string> Invocation::*>(field);
  }
};

/// Of one command, in the order of help.
std::span<const Parameter> own_parameters(CommandId command);
/// Of every command.
std::span<const Parameter> common_parameters();
/// --version: without a command.
const Parameter& version_parameter();
/// Own and common ones.
std::vector<Parameter> all_parameters(CommandId command);

/// Null: there is none of that name.
const CommandInfo* find_command(std::string_view name);

/// "--config" and "-c" of "-c,--config".
std::vector<std::string_view> spellings(const Parameter& option);
std::vector<std::string_view> choices_of(const Parameter& parameter);
/// As help shows it: "-c, --config FILE", "SERVICE".
std::string shown(const Parameter& parameter);
/// "devproxy logs [OPTIONS] [SERVICE]"
std::string usage_line(const CommandInfo& command);

/// One of a command's examples, and what it does (may be empty).
struct Example {
  std::string_view line;
  std::string_view meaning;
};
std::vector<Example> examples_of(const CommandInfo& command);

}  // namespace devproxy
