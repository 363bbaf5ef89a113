#include "services/adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "services/frameworks.h"

namespace devproxy {
namespace {

using Words = std::span<const std::string>;

/// Scripts that call scripts: more than that is a circle.
constexpr int deepest = 4;

bool is_assignment(std::string_view word) {
  const std::size_t sign = word.find('=');
  if (sign == std::string_view::npos || sign == 0) return false;
  return word.substr(0, sign).find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
         std::string_view::npos;
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

std::string program_name(std::string_view word) {
  std::string name(word.substr(word.rfind('/') + 1));
  for (const std::string_view end : {".cmd", ".js", ".mjs"}) {
    if (name.size() > end.size() && name.ends_with(end)) name.resize(name.size() - end.size());
  }
  return name;
}

bool is_python(std::string_view name) {
  return name == "py" || name.starts_with("python");
}

/// Programs that run the program whose words follow.
std::size_t words_of_runner(Words words) {
  struct Runner {
    std::string_view program;
    std::string_view subcommand;  ///< empty: none
  };
  static constexpr std::array<Runner, 22> runners{
      {{"npx", ""},       {"bunx", ""},      {"pnpx", ""},    {"npm", "exec"},   {"pnpm", "exec"},
       {"pnpm", "dlx"},   {"yarn", "exec"},  {"yarn", "dlx"}, {"bun", "x"},      {"bundle", "exec"},
       {"poetry", "run"}, {"pipenv", "run"}, {"pdm", "run"},  {"hatch", "run"},  {"uv", "run"},
       {"rye", "run"},    {"exec", ""},      {"env", ""},     {"cross-env", ""}, {"nice", ""},
       {"php", ""},       {"ruby", ""}}};
  const std::string name = program_name(words.front());
  for (const Runner& runner : runners) {
    if (name != runner.program) continue;
    if (runner.subcommand.empty()) return 1;
    if (words.size() > 1 && words[1] == runner.subcommand) return 2;
  }
  if (is_python(name)) return words.size() > 1 && words[1] == "-m" ? 2 : 1;
  return 0;
}

/// What is run in the end: the words from the program on.
Words without_runners(Words words) {
  for (;;) {
    while (!words.empty() && is_assignment(words.front())) words = words.subspan(1);
    if (words.size() < 2) return words;
    const std::size_t runner = words_of_runner(words);
    if (runner == 0) return words;
    words = words.subspan(runner);
    // The runner's own options have values that only it knows of; `--` and -y are known.
    while (!words.empty() && (words.front() == "--" || words.front() == "-y" ||
                              words.front() == "--yes" || words.front() == "-u")) {
      words = words.subspan(1);
    }
    if (!words.empty() && is_option(words.front()) && words.front() != "-m") return {};
    if (!words.empty() && words.front() == "-m") words = words.subspan(1);
  }
}

bool has_subcommand(const Framework& framework, Words arguments) {
  if (framework.subcommands.empty()) return true;
  const bool bare = arguments.empty() || is_option(arguments.front());
  for (const std::string_view subcommand : split(framework.subcommands, '|')) {
    if (subcommand.empty() ? bare : !arguments.empty() && arguments.front() == subcommand)
      return true;
    // `flask --app x run`: which options have values is not known here.
    if (bare && !subcommand.empty() &&
        std::find(arguments.begin(), arguments.end(), subcommand) != arguments.end())
      return true;
  }
  return false;
}

/// The word with which the command itself says where to listen, or none.
std::optional<std::string> decision(const Framework& framework, Words arguments) {
  if (framework.decided == "=") {
    // An address or a port by its place: any further word that is no option.
    for (std::size_t i = framework.subcommands.empty() ? 0 : 1; i < arguments.size(); ++i) {
      if (arguments[i].find_first_not_of("0123456789.:[]") == std::string::npos)
        return arguments[i];
    }
    return std::nullopt;
  }
  for (const std::string& argument : arguments) {
    for (const std::string_view option : split(framework.decided, ' ')) {
      const bool with_value = argument.starts_with(std::string(option) + "=");
      const bool glued = option.size() == 2 && argument.size() > 2 &&
                         argument.starts_with(option) &&
                         argument.find_first_not_of("0123456789", 2) == std::string::npos;
      if (argument == option || with_value || glued) return argument;
    }
  }
  return std::nullopt;
}

struct ScriptCall {
  std::string name;
  bool needs_dashes = false;  ///< npm passes on what stands behind "--" only
};

/// `npm run dev`, `pnpm dev`, `yarn dev`, … without options of their own.
std::optional<ScriptCall> script_call(Words words) {
  static constexpr std::array<std::string_view, 4> managers{"npm", "pnpm", "yarn", "bun"};
  const std::string name = program_name(words.front());
  if (std::find(managers.begin(), managers.end(), name) == managers.end() || words.size() < 2)
    return std::nullopt;
  const bool run = words[1] == "run" || words[1] == "run-script";
  const std::string& script = run && words.size() > 2 ? words[2] : words[1];
  if (is_option(script) || (run && words.size() == 2)) return std::nullopt;
  const bool is_npm = name == "npm";
  // npm and bun have commands of their own there; only these two are scripts.
  if (!run && (is_npm || name == "bun") && script != "start" && script != "test")
    return std::nullopt;
  const bool dashes = std::find(words.begin(), words.end(), "--") == words.end();
  return ScriptCall{script, is_npm && dashes};
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : split(text, ' ')) words.emplace_back(word);
  return words;
}

std::optional<Adaptation> find(Words all, const std::string& folder, const ReadScript& read_script,
                               int depth) {
  const Words words = without_runners(all);
  if (words.empty() || depth > deepest) return std::nullopt;
  if (const auto call = script_call(words)) {
    const auto script = read_script(folder, call->name);
    const auto inner = script ? last_command(*script) : std::nullopt;
    if (!inner) return std::nullopt;
    std::vector<std::string> joined = *inner;
    // What the caller adds already stands at the script's end.
    const auto behind = std::find(words.begin(), words.end(), call->name) + 1;
    std::copy_if(behind, words.end(), std::back_inserter(joined),
                 [](const std::string& word) { return word != "--"; });
    auto found = find(joined, folder, read_script, depth + 1);
    if (found && found->why_not.empty() && call->needs_dashes)
      found->words.insert(found->words.begin(), "--");
    return found;
  }
  const std::string program = program_name(words.front());
  const Words arguments = words.subspan(1);
  for (const Framework& framework : frameworks()) {
    if (framework.program != program || !has_subcommand(framework, arguments)) continue;
    Adaptation adaptation{std::string(framework.name), {}, ""};
    if (const auto said = decision(framework, arguments)) {
      adaptation.why_not = fmt::format("the command has {} already", *said);
    } else {
      adaptation.words = words_of(framework.flags);
    }
    return adaptation;
  }
  return std::nullopt;
}

/// The command says itself where to listen.
bool uses_port(const CommandTarget& command) {
  return std::any_of(command.words.begin(), command.words.end(), [](const std::string& word) {
    return word.find("{port}") != std::string::npos || word.find("$PORT") != std::string::npos ||
           word.find("${PORT") != std::string::npos;
  });
}

}  // namespace

std::optional<std::vector<std::string>> last_command(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  const auto end_word = [&] {
    if (in_word) words.push_back(std::move(word));
    word.clear();
    in_word = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else if (quote == '"' && (c == '\\' || c == '`')) {
        return std::nullopt;
      } else {
        word += c;
      }
      continue;
    }
    if (c == '&' && i + 1 < line.size() && line[i + 1] == '&') {
      end_word();
      words.clear();
      ++i;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (std::string_view("|&;<>()\\`\n#").find(c) != std::string_view::npos) {
      return std::nullopt;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return std::nullopt;
  end_word();
  while (!words.empty() && is_assignment(words.front())) words.erase(words.begin());
  if (words.empty()) return std::nullopt;
  return words;
}

std::optional<Adaptation> adapt(const CommandTarget& command, const ReadScript& read_script) {
  if (!command.adapter || command.words.empty() || uses_port(command)) return std::nullopt;
  if (!command.shell) return find(command.words, command.dir, read_script, 0);
  const auto words = last_command(trim(command.words.front()));
  return words ? find(*words, command.dir, read_script, 0) : std::nullopt;
}

}  // namespace devproxy
