#include "cli/command_line/command_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "cli/command_line/completion.h"
#include "cli/command_line/help.h"
#include "cli/command_line/man_page.h"
#include "cli/command_line/reference_page.h"
#include "cli/command_line/roff.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("command tree: every name is there once, and has a summary and an example", "[cli]") {
  std::set<std::string_view> names;
  for (const CommandInfo& info : commands()) {
    INFO(info.name);
    CHECK(names.insert(info.name).second);
    CHECK_FALSE(info.summary.empty());
    CHECK_FALSE(examples_of(info).empty());
    CHECK(find_command(info.name)->command == info.command);
  }
  for (const std::string_view later : later_commands()) CHECK(names.count(later) == 0);
}

TEST_CASE("command tree: no two options of a command share a name", "[cli]") {
  for (const CommandInfo& info : commands()) {
    std::set<std::string_view> names;
    for (const Parameter& parameter : all_parameters(info.command)) {
      INFO(info.name << " " << parameter.names);
      for (const std::string_view name : spellings(parameter)) CHECK(names.insert(name).second);
      CHECK_FALSE(parameter.summary.empty());
      const bool is_flag = std::holds_alternative<bool Invocation::*>(parameter.field);
      if (!parameter.is_argument()) CHECK(is_flag == parameter.value.empty());
      const bool has_choices =
          parameter.suggest == Suggest::choices || parameter.suggest == Suggest::examples;
      CHECK(has_choices == !parameter.choices.empty());
    }
  }
}

TEST_CASE("command tree: usage shows what must be given and what may", "[cli]") {
  const auto usage = [](std::string_view name) { return usage_line(*find_command(name)); };
  CHECK(usage("status") == "devproxy status [OPTIONS]");
  CHECK(usage("logs") == "devproxy logs [OPTIONS] [SERVICE]");
  CHECK(usage("wait") == "devproxy wait [OPTIONS] [SERVICE...]");
  CHECK(usage("restart") == "devproxy restart [OPTIONS] SERVICE...");
  CHECK(usage("completion") == "devproxy completion [OPTIONS] bash|zsh|fish");
  CHECK(usage("run") == "devproxy run [OPTIONS] -- COMMAND...");
}

TEST_CASE("command tree: an example is a line and what it does", "[cli]") {
  const auto examples = examples_of(*find_command("init"));
  REQUIRE(examples.size() == 2);
  CHECK(examples[1].line == "devproxy init --dry-run");
  CHECK(examples[1].meaning == "show it, write nothing");
}

TEST_CASE("command tree: docs/reference/cli.md is what it prints", "[cli]") {
  std::ifstream file(std::string(DEVPROXY_SOURCE_DIR) + "/docs/reference/cli.md", std::ios::binary);
  REQUIRE(file.good());
  const std::string committed{std::istreambuf_iterator<char>(file), {}};
  INFO("make it again: devproxy __reference > docs/reference/cli.md");
  CHECK(committed == reference_page());
}

TEST_CASE("command tree: man pages and completions name every command and option", "[cli]") {
  const std::string page = program_page();
  for (const CommandInfo& info : commands()) {
    INFO(info.name);
    CHECK_THAT(page, ContainsSubstring(roff(usage_line(info))));
    for (const Parameter& parameter : own_parameters(info.command)) {
      INFO(parameter.names);
      CHECK_THAT(page, ContainsSubstring(roff(shown(parameter))));
      if (parameter.is_argument()) continue;
      const std::string name(spellings(parameter).back());
      CHECK_THAT(bash_completion(), ContainsSubstring(name));
      CHECK_THAT(zsh_completion(), ContainsSubstring(name));
      CHECK_THAT(fish_completion(), ContainsSubstring(" -l " + name.substr(2)));
    }
  }
}

TEST_CASE("command tree: text for man pages is escaped", "[cli]") {
  CHECK(roff("a-b `c` \\n") == "a\\-b \\fBc\\fR \\en");
  CHECK(roff(".env") == "\\&.env");
  CHECK(roff("it's \"x\" ~ ^") == "it\\(aqs \\(dqx\\(dq \\(ti \\(ha");
  CHECK(roff("\xe2\x80\xa6\xc3\xa9") == "\\[u2026]\\[u00E9]");
  CHECK(roff("").empty());
}

TEST_CASE("help: devproxy alone shows three examples and where to read on", "[cli]") {
  const std::string text = short_help();
  CHECK(std::count(text.begin(), text.end(), '\n') < 12);
  CHECK_THAT(text, ContainsSubstring("devproxy up "));
  CHECK_THAT(text, ContainsSubstring("devproxy help"));
}

}  // namespace
}  // namespace devproxy
