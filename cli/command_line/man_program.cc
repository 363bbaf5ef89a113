// devproxy(1).
#include <fmt/format.h>

#include "cli/command_line/command_facts.h"
#include "cli/command_line/command_tree.h"
#include "cli/command_line/help.h"
#include "cli/command_line/man_page.h"
#include "cli/command_line/roff.h"

namespace devproxy {
namespace {

void add_command(ManPage& page, const CommandInfo& info) {
  page.subheading(usage_line(info));
  page.paragraph(fmt::format("{}.", info.summary));
  const std::size_t own = own_parameters(info.command).size();
  const auto options = options_of(info.name);
  for (std::size_t i = 0; i < own; ++i) page.item(options[i].name, options[i].summary);
  std::string examples;
  for (const Example& example : examples_of(info)) {
    if (!examples.empty()) examples += '\n';
    examples += example.line;
    if (!example.meaning.empty()) examples += fmt::format("\n    # {}", example.meaning);
  }
  page.code(examples);
}

void add_facts(ManPage& page, std::string_view title, std::span<const Fact> facts) {
  page.heading(title);
  for (const Fact& fact : facts) page.item(fact.name, fact.meaning);
}

}  // namespace

std::string program_page() {
  ManPage page("devproxy", 1, "User Commands", "stable names for the servers of this machine");
  page.heading("SYNOPSIS");
  page.paragraph("`devproxy` COMMAND [OPTIONS] [ARGUMENTS]");
  page.heading("DESCRIPTION");
  page.paragraph(
      "A reverse proxy for local development. It listens on one port of this machine, 6289, and "
      "maps host names and paths to services on 127.0.0.1, from the file `devproxy.toml`, which "
      "devproxy.toml(5) describes. Without a command it shows the status when a devproxy of this "
      "user is running, else a short help.");
  page.heading("OPTIONS");
  for (const OptionInfo& option : options_of("")) page.item(option.name, option.summary);
  page.heading("COMMANDS");
  for (const CommandInfo& info : commands()) add_command(page, info);
  add_facts(page, "EXIT STATUS", exit_codes());
  page.paragraph("`run` returns the exit code of its command.");
  add_facts(page, "ENVIRONMENT", variables_read());
  add_facts(page, "FILES", own_files());
  page.heading("SEE ALSO");
  page.paragraph("devproxy.toml(5)");
  return page.text();
}

}  // namespace devproxy
