#include "cli/args.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/values.h"
#include "generated/version.h"

namespace devproxy {
namespace {

Failure usage(std::string code, std::string message, std::string hint) {
  return {ExitCode::usage, "usage." + std::move(code), std::move(message), std::move(hint), {}};
}

void add_common_options(CLI::App& app, Invocation& into) {
  app.add_option("-c,--config", into.config_file,
                 "the configuration; default: devproxy.toml here or in a folder above")
      ->type_name("FILE");
  app.add_flag("--json", into.json, "print JSON; the first key names its form");
  app.add_flag("-h,--help", into.help, "this help");
}

void add_own_options(CLI::App& app, CommandId command, Invocation& into) {
  switch (command) {
    case CommandId::up:
    case CommandId::serve:
      app.add_option_function<std::string>(
             "--log", [&into](const std::string& form) { into.log_json = form == "json"; },
             "form of the request lines: words or json")
          ->type_name("FORM")
          ->check([](const std::string& form) {
            return form == "json" || form == "words" ? std::string()
                                                     : form + " is neither \"words\" nor \"json\"";
          });
      if (command == CommandId::up)
        app.add_option("SERVICE", into.services, "start these and what they depend on; else all");
      break;
    case CommandId::run:
      app.add_option("--name", into.service_name, "stands before the project in its host")
          ->type_name("NAME");
      break;
    case CommandId::url:
      app.add_option("SERVICE", into.argument, "its name in the file");
      break;
    case CommandId::restart:
      app.add_option("SERVICE", into.services, "their names in the file");
      break;
    case CommandId::wait:
      app.add_option("SERVICE", into.services, "their names in the file; else all");
      app.add_option_function<std::string>(
             "--timeout",
             [&into](const std::string& text) {
               if (const auto timeout = parse_duration(text)) into.timeout = *timeout;
             },
             "how long to wait; default: 60s")
          ->type_name("DURATION")
          ->check([](const std::string& text) {
            const auto timeout = parse_duration(text);
            return timeout ? std::string() : timeout.error().message;
          });
      break;
    case CommandId::logs:
      app.add_option("SERVICE", into.argument, "its name in the file; else all");
      app.add_flag("-f,--follow", into.follow, "go on with what comes");
      app.add_option("-n,--lines", into.lines, "how many of the last lines; default: 100")
          ->type_name("COUNT");
      break;
    case CommandId::init:
      app.add_flag("--dry-run", into.dry_run, "show the file, write nothing");
      break;
    case CommandId::explain:
      app.add_option("URL", into.argument, "what a client would ask for");
      app.add_option("-X,--method", into.method, "the request's method; default: GET")
          ->type_name("METHOD");
      app.add_option("-H,--header", into.headers, "a field of the request, as often as needed")
          ->type_name("'NAME: VALUE'")
          ->expected(1)
          ->take_all();
      break;
    case CommandId::ports:
      app.add_option("PORT", into.argument, "only this one; an address or a URL will do");
      app.add_flag("--free", into.free, "print a free port, outside the ephemeral range");
      app.add_flag("--watch", into.watch, "follow the changes, one a line; Ctrl-C ends");
      break;
    case CommandId::doctor:
      app.add_flag("--fix", into.fix, "mend what needs no root, and say what was done");
      break;
    case CommandId::check:
      app.add_option("FILE", into.argument, "the same as -c FILE");
      break;
    case CommandId::help:
      app.add_option("COMMAND", into.argument, "the command to explain");
      break;
    case CommandId::trust:
      app.add_flag("--check", into.check, "look only; exit 1 when a store does not trust");
      app.add_flag("--java", into.java, "the stores of JDKs too");
      app.add_flag("--dry-run", into.dry_run, "show the commands, run none");
      break;
    case CommandId::untrust:
      app.add_flag("--dry-run", into.dry_run, "show the commands, run none");
      break;
    case CommandId::hosts:
      app.add_option("ACTION", into.argument, "sync, clean or print");
      app.add_option("--file", into.hosts_file, "the hosts file; default: /etc/hosts")
          ->type_name("FILE");
      app.add_option("--from", into.names_file, "sync: the names as hosts print wrote them")
          ->type_name("FILE");
      app.add_flag("--dry-run", into.dry_run, "show the changes, make none");
      app.add_flag("--dns", into.dns, "print: how resolvers ask devproxy");
      break;
    case CommandId::version:
    case CommandId::status:
    case CommandId::reload:
    case CommandId::routes:
    case CommandId::env:
    case CommandId::later:
      break;
  }
}

/// The whole tree. Every command takes the common options wherever they stand.
void build_tree(CLI::App& app, Invocation& into) {
  app.set_help_flag();
  app.require_subcommand(0, 1);
  app.allow_extras();
  add_common_options(app, into);
  app.add_flag("--version", into.version, "print the version");
  for (const CommandInfo& info : commands()) {
    CLI::App* command = app.add_subcommand(std::string(info.name), std::string(info.summary));
    command->set_help_flag();
    command->fallthrough();
    command->callback([&into, &info] { into.command = info.command; });
    add_own_options(*command, info.command, into);
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

Failure unknown_command(std::string_view word) {
  std::vector<std::string_view> known(later_commands().begin(), later_commands().end());
  if (std::find(known.begin(), known.end(), word) != known.end()) {
    return not_built(std::string(word), "devproxy help lists the commands of this version");
  }
  known.clear();
  for (const CommandInfo& info : commands()) known.push_back(info.name);
  return usage("unknown_command", fmt::format("there is no command \"{}\"", escape(word)),
               nearest_hint(word, known, "devproxy help lists the commands"));
}

Failure unexpected(const CLI::App& command, const std::string& word) {
  const std::string help = fmt::format("devproxy help {} lists what it takes", command.get_name());
  if (command.get_name() == "run" && !word.starts_with('-')) {
    return usage("unexpected_argument", "the command of run stands behind two hyphens",
                 fmt::format("write: devproxy run -- {}", escape(word)));
  }
  if (command.get_name() == "up" && word == "-d")
    return not_built("up -d", "devproxy up runs in the foreground");
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
    invocation.command =
        invocation.version && !invocation.help ? CommandId::version : CommandId::help;
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
  if (invocation.command == CommandId::explain && invocation.argument.empty() && !invocation.help) {
    return tl::unexpected(usage("missing_argument", "explain needs a URL",
                                "for example: devproxy explain https://shop.localhost:6289/"));
  }
  if (!invocation.help && invocation.command == CommandId::run && invocation.words.empty()) {
    return tl::unexpected(usage("missing_argument", "run needs a command",
                                "write it behind two hyphens: devproxy run -- npm run dev"));
  }
  if (!invocation.words.empty() && invocation.command != CommandId::run) {
    return tl::unexpected(usage("unexpected_argument",
                                fmt::format("{} takes no command", invocation.name),
                                "devproxy run -- npm run dev runs one"));
  }
  const bool needs_service =
      invocation.command == CommandId::url
          ? invocation.argument.empty()
          : invocation.command == CommandId::restart && invocation.services.empty();
  if (needs_service && !invocation.help) {
    return tl::unexpected(usage("missing_argument", invocation.name + " needs a service",
                                "devproxy status lists those of the file"));
  }
  return invocation;
}

/// CLI11 begins its messages with the option and a colon; ours end without a full stop.
std::string words_of(const CLI::ParseError& error) {
  std::string words = error.what();
  while (!words.empty() && (words.back() == '\n' || words.back() == '.')) words.pop_back();
  return escape(words);
}

std::vector<OptionInfo> option_list(const CLI::App& app, bool with_version = true) {
  std::vector<OptionInfo> list;
  for (const CLI::Option* option : app.get_options()) {
    if (!with_version && option->check_lname("version")) continue;
    const bool positional = option->nonpositional() ? false : option->get_positional();
    std::string name = option->get_name(positional, true);
    if (const std::size_t comma = name.find(','); comma != std::string::npos)
      name.insert(comma + 1, " ");
    const bool takes_value = !positional && option->get_expected_max() > 0;
    if (takes_value) name += " " + option->get_type_name();
    list.push_back({std::move(name), option->get_description()});
  }
  return list;
}

std::string option_lines(const CLI::App& app, bool with_version = true) {
  std::string text;
  for (const OptionInfo& option : option_list(app, with_version))
    text += fmt::format("  {:<26} {}\n", option.name, option.summary);
  return text;
}

std::string indent(std::string_view lines) {
  std::string text;
  for (const std::string_view line : split(lines, '\n')) {
    if (!line.empty()) text += fmt::format("  {}\n", line);
  }
  return text;
}

std::string help_for_all(const CLI::App& app) {
  std::string text = fmt::format(
      "devproxy {}: stable names for the servers of this machine\n\n"
      "Examples:\n"
      "  devproxy init     write devproxy.toml from what is found here\n"
      "  devproxy up       start the proxy, show the URLs and every request\n"
      "  devproxy explain https://shop.localhost:6289/api\n\n"
      "Commands:\n",
      version);
  for (const CommandInfo& info : commands())
    text += fmt::format("  {:<10} {}\n", info.name, info.summary);
  text += "\nOptions:\n" + option_lines(app);
  text +=
      "\nExit codes: 0 done, 1 failed, 2 wrong usage or an invalid file, 3 the proxy or the "
      "service is not\n"
      "running, 4 a port or a host is taken, 5 permission, 6 timed out.\n"
      "devproxy help COMMAND says more.\n";
  return text;
}

std::string help_for(const CLI::App& app, const CommandInfo& info) {
  const CLI::App* command = app.get_subcommand(std::string(info.name));
  std::string usage_line = fmt::format("devproxy {} [OPTIONS]", info.name);
  for (const CLI::Option* option : command->get_options()) {
    if (option->get_positional()) {
      usage_line += info.command == CommandId::explain
                        ? " URL"
                        : fmt::format(" [{}]", option->get_name(true));
    }
  }
  return fmt::format("devproxy {}: {}\n\nExamples:\n{}\nUsage: {}\n\nOptions:\n{}{}", info.name,
                     info.summary, indent(info.examples), usage_line, option_lines(*command),
                     option_lines(app, false));
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

std::vector<OptionInfo> options_of(std::string_view command) {
  Invocation unused;
  CLI::App app;
  build_tree(app, unused);
  if (command.empty()) return option_list(app);
  std::vector<OptionInfo> list = option_list(*app.get_subcommand(std::string(command)));
  const std::vector<OptionInfo> common = option_list(app, false);
  list.insert(list.end(), common.begin(), common.end());
  return list;
}

tl::expected<std::string, Failure> help_text(std::string_view command) {
  Invocation unused;
  CLI::App app;
  build_tree(app, unused);
  if (command.empty()) return help_for_all(app);
  for (const CommandInfo& info : commands()) {
    if (info.name == command) return help_for(app, info);
  }
  return tl::unexpected(unknown_command(command));
}

std::string nearest_hint(std::string_view word, const std::vector<std::string_view>& known,
                         std::string otherwise) {
  if (const auto near = nearest(word, known)) return fmt::format("did you mean \"{}\"?", *near);
  return otherwise;
}

}  // namespace devproxy
