#include "cli/command_line/args.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "base/text.h"
#include "cli/command_line/command_facts.h"
#include "cli/command_line/command_tree.h"
#include "cli/command_line/help.h"
#include "config/values.h"

namespace devproxy {
namespace {

Failure usage(std::string code, std::string message, std::string hint) {
  return {ExitCode::usage, "usage." + std::move(code), std::move(message), std::move(hint), {}};
}

/// Puts one parameter into CLI11: a flag, or what takes values.
struct Adder {
  CLI::App& app;
  const Parameter& parameter;
  Invocation& into;

  std::string names() const { return std::string(parameter.names); }
  std::string summary() const { return std::string(parameter.summary); }

  CLI::Option* operator()(bool Invocation::*flag) const {
    return app.add_flag(names(), into.*flag, summary());
  }
  CLI::Option* operator()(std::vector<std::string> Invocation::*list) const {
    CLI::Option* const option = app.add_option(names(), into.*list, summary());
    return parameter.is_argument() ? option : option->expected(1)->take_all();
  }
  CLI::Option* operator()(std::chrono::milliseconds Invocation::*field) const {
    return app
        .add_option_function<std::string>(
            names(),
            [&target = into.*field](const std::string& text) {
              if (const auto duration = parse_duration(text)) target = *duration;
            },
            summary())
        ->check([](const std::string& text) {
          const auto duration = parse_duration(text);
          return duration ? std::string() : duration.error().message;
        });
  }
  CLI::Option* operator()(void (*set)(Invocation&, const std::string&)) const {
    return app.add_option_function<std::string>(
        names(), [set, &target = into](const std::string& text) { set(target, text); }, summary());
  }
  template <class T>
  CLI::Option* operator()(T Invocation::*field) const {
    return app.add_option(names(), into.*field, summary());
  }
};

std::string not_one_of(const std::string& word, const std::vector<std::string_view>& choices) {
  if (std::find(choices.begin(), choices.end(), word) != choices.end()) return {};
  return fmt::format("{} is not {}", word, one_of(choices));
}

void add(CLI::App& app, const Parameter& parameter, Invocation& into) {
  if (parameter.suggest == Suggest::program) return;  // it stands behind "--"
  CLI::Option* const option = std::visit(Adder{app, parameter, into}, parameter.field);
  if (parameter.suggest == Suggest::choices)
    option->check(
        [&parameter](const std::string& word) { return not_one_of(word, choices_of(parameter)); });
}

/// The whole tree. Every command takes the common options wherever they stand.
void build_tree(CLI::App& app, Invocation& into) {
  app.set_help_flag();
  app.require_subcommand(0, 1);
  app.allow_extras();
  for (const Parameter& parameter : common_parameters()) add(app, parameter, into);
  add(app, version_parameter(), into);
  for (const CommandInfo& info : commands()) {
    CLI::App* command = app.add_subcommand(std::string(info.name), std::string(info.summary));
    command->set_help_flag();
    command->fallthrough();
    command->callback([&into, &info] { into.command = info.command; });
    for (const Parameter& parameter : own_parameters(info.command)) add(*command, parameter, into);
  }
}

std::vector<std::string_view> option_names(const CLI::App& app) {
  std::vector<std::string_view> names;
  for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back(name);
    }
  }
  return names;
}

Failure unexpected(const CLI::App& command, const std::string& word) {
  const std::string help = fmt::format("devproxy help {} lists what it takes", command.get_name());
  if (command.get_name() == "run" && !word.starts_with('-')) {
    return usage("unexpected_argument", "the command of run stands behind two hyphens",
                 fmt::format("write: devproxy run -- {}", escape(word)));
  }
  if (word.size() > 1 && word.front() == '-') {
    const std::string_view name =
        std::string_view(word).substr(std::min(word.find_first_not_of('-'), word.size()));
    const std::vector<std::string_view> known = option_names(command);
    const auto near = nearest(name.substr(0, name.find('=')), known);
    return usage("unknown_option",
                 fmt::format("{} has no option {}", command.get_name(), escape(word)),
                 near ? fmt::format("did you mean --{}?", *near) : help);
  }
  return usage("unexpected_argument",
               fmt::format("{} takes no argument \"{}\"", command.get_name(), escape(word)), help);
}

bool is_given(const Parameter& parameter, const Invocation& invocation) {
  if (const auto* const text = std::get_if<std::string Invocation::*>(&parameter.field))
    return !(invocation.**text).empty();
  if (const auto* const list =
          std::get_if<std::vector<std::string> Invocation::*>(&parameter.field))
    return !(invocation.**list).empty();
  return true;
}

/// The failure for the first required argument that was left out.
std::optional<Failure> missing_argument(const Invocation& invocation) {
  const CommandInfo& info = *find_command(invocation.name);
  for (const Parameter& parameter : own_parameters(info.command)) {
    if (!parameter.required || is_given(parameter, invocation)) continue;
    std::string what = fmt::format("a {}", parameter.names);
    std::string hint = fmt::format("for example: {}", examples_of(info).front().line);
    if (parameter.suggest == Suggest::choices) what = one_of(choices_of(parameter));
    if (parameter.suggest == Suggest::services) {
      what = "a service";
      hint = "devproxy status lists those of the file";
    }
    if (parameter.suggest == Suggest::program) {
      what = "a command";
      hint = "write it behind two hyphens: devproxy run -- npm run dev";
    }
    return usage("missing_argument", fmt::format("{} needs {}", info.name, what), std::move(hint));
  }
  return std::nullopt;
}

tl::expected<Invocation, Failure> finish(const CLI::App& app, Invocation invocation) {
  const std::vector<std::string> extras = app.remaining();
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (chosen.empty()) {
    // Options that nobody knows may stand before the word that was meant as a command.
    const auto word = std::find_if(extras.begin(), extras.end(),
                                   [](const auto& extra) { return !extra.starts_with('-'); });
    if (word != extras.end()) return tl::unexpected(unknown_command(*word));
    if (!extras.empty()) {
      return tl::unexpected(usage("unknown_option",
                                  fmt::format("there is no option {}", escape(extras.front())),
                                  "devproxy help lists commands and options"));
    }
    if (invocation.version) invocation.command = CommandId::version;
    if (invocation.help) invocation.command = CommandId::help;
    return invocation;
  }
  invocation.name = chosen.front()->get_name();
  if (!extras.empty()) {
    const auto later = later_commands();
    if (std::find(later.begin(), later.end(), extras.front()) != later.end()) {
      return tl::unexpected(unknown_command(extras.front()));
    }
    return tl::unexpected(unexpected(*chosen.front(), extras.front()));
  }
  if (!invocation.words.empty() && invocation.command != CommandId::run) {
    return tl::unexpected(usage("unexpected_argument",
                                fmt::format("{} takes no command", invocation.name),
                                "devproxy run -- npm run dev runs one"));
  }
  if (auto missing = missing_argument(invocation); missing && !invocation.help)
    return tl::unexpected(std::move(*missing));
  return invocation;
}

/// CLI11 begins its messages with the option and a colon; ours end without a full stop.
std::string words_of(const CLI::ParseError& error) {
  std::string words = error.what();
  while (!words.empty() && (words.back() == '\n' || words.back() == '.')) words.pop_back();
  return escape(words);
}

bool is_end_of_options(const char* word) {
  return std::string_view(word) == "--";
}

}  // namespace

tl::expected<Invocation, Failure> parse_arguments(int argc, const char* const* argv) {
  Invocation invocation;
  CLI::App app;
  build_tree(app, invocation);
  // What stands behind "--" is a command of its own, options and all.
  const char* const* const end = argv + argc;
  const char* const* const mark = std::find_if(argv, end, is_end_of_options);
  if (mark != end) invocation.words.assign(mark + 1, end);
  try {
    app.parse(static_cast<int>(mark - argv), argv);
  } catch (const CLI::ParseError& error) {
    return tl::unexpected(
        usage("wrong", words_of(error), "devproxy help COMMAND lists what it takes"));
  }
  return finish(app, std::move(invocation));
}

bool wants_json(int argc, const char* const* argv) {
  return std::any_of(argv, std::find_if(argv, argv + argc, is_end_of_options),
                     [](const char* word) { return std::string_view(word) == "--json"; });
}

}  // namespace devproxy
