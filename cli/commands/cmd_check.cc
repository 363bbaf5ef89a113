#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/project/route_forms.h"
#include "cli/project/worktree_text.h"

namespace devproxy {
namespace {

std::string count(std::size_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

}  // namespace

Outcome run_check(const Invocation& invocation, const Console& /*console*/) {
  Invocation with_file = invocation;
  if (!invocation.argument.empty()) with_file.config_file = invocation.argument;
  LoadOutcome outcome = load(load_request(with_file));
  if (invocation.json) {
    const bool valid = outcome.result.has_value();
    write_out(check_form(valid ? &*outcome.result : nullptr,
                         valid ? Problems{} : outcome.result.error()) +
              "\n");
    return valid ? ExitCode::done : ExitCode::usage;
  }
  if (!outcome.result) return tl::unexpected(invalid_file(std::move(outcome.result.error())));
  const Config& config = *outcome.result;
  write_out(fmt::format("{}: {}, {}, no problem found\n", shown_path(config.file),
                        count(config.services.size(), "service"),
                        count(config.routes.size(), "route")));
  for (const RouteRule& rule : config.routes) {
    for (const ServiceWhen& when : rule.service_when) {
      write_out(fmt::format("service_when: {}{} goes to {} for {}\n", rule.hosts.front(),
                            escape(rule.path), when.service, escape(when_text(when))));
    }
  }
  if (const std::string worktree = worktree_text(config.worktree); !worktree.empty())
    write_out("worktree: " + worktree + "\n");
  return ExitCode::done;
}

}  // namespace devproxy
