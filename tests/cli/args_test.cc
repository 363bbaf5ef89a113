#include "cli/command_line/args.h"

#include <chrono>
#include <string>
#include <vector>

#include "cli/command_line/command_tree.h"
#include "cli/command_line/help.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

tl::expected<Invocation, Failure> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "devproxy");
  return parse_arguments(static_cast<int>(words.size()), words.data());
}

Failure failure(std::vector<const char*> words) {
  const auto result = parse(std::move(words));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().exit == ExitCode::usage);
  CHECK_FALSE(result.error().hint.empty());
  return result.error();
}

TEST_CASE("arguments: common options stand before or behind the command", "[cli]") {
  for (const auto& words :
       std::vector<std::vector<const char*>>{{"-c", "x.toml", "--json", "check"},
                                             {"check", "-c", "x.toml", "--json"},
                                             {"check", "--config=x.toml", "--json"}}) {
    const auto invocation = parse(words);
    REQUIRE(invocation.has_value());
    CHECK(invocation->command == CommandId::check);
    CHECK(invocation->config_file == "x.toml");
    CHECK(invocation->json);
  }
}

TEST_CASE("arguments: each command takes its own", "[cli]") {
  const auto explained = parse({"explain", "http://a/", "-X", "POST", "-H", "a: b", "-H", "c: d"});
  REQUIRE(explained.has_value());
  CHECK(explained->argument == "http://a/");
  CHECK(explained->method == "POST");
  CHECK(explained->headers == std::vector<std::string>{"a: b", "c: d"});
  CHECK(parse({"serve", "--log", "json"})->log_json);
  CHECK_FALSE(parse({"serve", "--log", "words"})->log_json);
  CHECK(parse({"init", "--dry-run"})->dry_run);
  CHECK(parse({"check", "a.toml"})->argument == "a.toml");
  CHECK(parse({"trust", "--check"})->check);
  CHECK(parse({"trust", "--java", "--dry-run"})->java);
  CHECK(parse({"untrust", "--dry-run"})->dry_run);
  CHECK(parse({"env", "--json"})->command == CommandId::env);
  CHECK(parse({"ports", "5173"})->argument == "5173");
  CHECK(parse({"ports", "--free"})->free);
  CHECK(parse({"ports", "--watch", "--json"})->watch);
  CHECK(parse({"up", "web", "api"})->services == std::vector<std::string>{"web", "api"});
  CHECK(parse({"status", "--json"})->command == CommandId::status);
  CHECK(parse({"url", "web"})->argument == "web");
  CHECK(parse({"restart", "web", "api"})->services == std::vector<std::string>{"web", "api"});
  CHECK(parse({"reload"})->command == CommandId::reload);
  CHECK(parse({"wait"})->timeout == std::chrono::seconds(60));
  CHECK(parse({"wait", "web", "--timeout", "5m"})->timeout == std::chrono::minutes(5));
  CHECK(parse({"logs"})->lines == 100);
  CHECK(parse({"logs", "web", "-f", "-n", "7"})->follow);
  CHECK(parse({"logs", "web", "-f", "-n", "7"})->lines == 7);
  CHECK(parse({"--version"})->command == CommandId::version);
  CHECK(parse({})->command == CommandId::none);
  CHECK(parse({"--json"})->command == CommandId::none);
  CHECK(parse({"-h"})->command == CommandId::help);
  CHECK(parse({"open"})->argument.empty());
  CHECK(parse({"open", "web"})->argument == "web");
  CHECK(parse({"completion", "zsh"})->argument == "zsh");
  CHECK(parse({"schema"})->command == CommandId::schema);
  CHECK(parse({"up", "-h"})->help);
  CHECK(parse({"up", "-d", "web"})->detach);
  CHECK(parse({"up", "--force"})->force);
  CHECK(parse({"down"})->command == CommandId::down);
}

TEST_CASE("arguments: a word that is a command's argument is no command", "[cli]") {
  const auto invocation = parse({"explain", "serve"});
  REQUIRE(invocation.has_value());
  CHECK(invocation->command == CommandId::explain);
  CHECK(invocation->argument == "serve");
}

TEST_CASE("arguments: an unknown command is answered with the nearest one", "[cli]") {
  CHECK(failure({"serv"}).message == "there is no command \"serv\"");
  CHECK(failure({"serv"}).hint == "did you mean \"serve\"?");
  CHECK(failure({"chekc"}).hint == "did you mean \"check\"?");
  CHECK(failure({"zzzzzzzz"}).hint == "devproxy help lists the commands");
  CHECK(failure({"\x1b[31m"}).message == "there is no command \"\\x1b[31m\"");
  CHECK(failure({""}).code == "usage.unknown_command");
}

TEST_CASE("arguments: what stands behind two hyphens is the command of run", "[cli]") {
  const auto asked = parse({"run", "--name", "x", "--", "npm", "run", "dev", "--", "--json"});
  REQUIRE(asked.has_value());
  CHECK(asked->command == CommandId::run);
  CHECK(asked->service_name == "x");
  CHECK(asked->words == std::vector<std::string>{"npm", "run", "dev", "--", "--json"});
  CHECK_FALSE(asked->json);
  CHECK(failure({"run"}).hint == "write it behind two hyphens: devproxy run -- npm run dev");
  CHECK(failure({"run", "npm"}).hint == "write: devproxy run -- npm");
  CHECK(failure({"routes", "--", "x"}).message == "routes takes no command");
}

TEST_CASE("arguments: a command of a later version says so, whatever follows it", "[cli]") {
  CHECK(failure({"har"}).message == "har: not in 0.1");
  CHECK(failure({"fault", "--undo"}).code == "usage.not_built");
  CHECK(failure({"export", "serve"}).message == "export: not in 0.1");
  const auto help = help_text("har");
  REQUIRE_FALSE(help.has_value());
  CHECK(help.error().message == "har: not in 0.1");
}

TEST_CASE("arguments: wrong options name the option and the way out", "[cli]") {
  CHECK(failure({"check", "--jsno"}).message == "check has no option --jsno");
  CHECK(failure({"check", "--jsno"}).hint == "did you mean --json?");
  CHECK(failure({"init", "--log", "json"}).message == "init has no option --log");
  CHECK(failure({"untrust", "--java"}).message == "untrust has no option --java");
  CHECK(failure({"check", "a", "b"}).message == "check takes no argument \"b\"");
  CHECK(failure({"explain"}).message == "explain needs a URL");
  CHECK(failure({"url"}).message == "url needs a service");
  CHECK(failure({"url", "a", "b"}).message == "url takes no argument \"b\"");
  CHECK(failure({"completion"}).message == "completion needs bash, zsh or fish");
  CHECK_THAT(failure({"completion", "tcsh"}).message,
             ContainsSubstring("tcsh is not bash, zsh or fish"));
  CHECK(failure({"explain"}).hint ==
        "for example: devproxy explain https://shop.localhost:6289/api/users");
  CHECK(failure({"restart"}).message == "restart needs a service");
  CHECK(failure({"status", "web"}).message == "status takes no argument \"web\"");
  CHECK(failure({"reload", "--force"}).message == "reload has no option --force");
  CHECK_THAT(failure({"wait", "--timeout", "soon"}).message, ContainsSubstring("soon"));
  CHECK_THAT(failure({"logs", "-n", "many"}).message, ContainsSubstring("many"));
  CHECK_THAT(failure({"serve", "--log", "xml"}).message,
             ContainsSubstring("xml is not words or json"));
  CHECK_THAT(failure({"serve", "-c"}).message, ContainsSubstring("--config"));
  CHECK(failure({"--nope"}).message == "there is no option --nope");
}

TEST_CASE("arguments: help begins with what a command is and examples", "[cli]") {
  for (const CommandInfo& info : commands()) {
    const auto text = help_text(info.name);
    REQUIRE(text.has_value());
    const std::size_t examples = text->find("Examples:");
    REQUIRE(examples != std::string::npos);
    CHECK(examples < text->find("Options:"));
    CHECK_THAT(*text, ContainsSubstring("-c, --config FILE"));
  }
  const auto all = help_text("");
  REQUIRE(all.has_value());
  for (const CommandInfo& info : commands())
    CHECK_THAT(*all, ContainsSubstring("\n  " + std::string(info.name) + " "));
}

TEST_CASE("arguments: --json is seen even when the rest is wrong", "[cli]") {
  const char* words[] = {"devproxy", "serv", "--json"};
  CHECK(wants_json(3, words));
  CHECK_FALSE(wants_json(2, words));
}

}  // namespace
}  // namespace devproxy
