// `devproxy serve` and `devproxy up`.
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/loop.h"
#include "cli/commands/commands.h"
#include "cli/commands/up_detached.h"
#include "cli/edge/edge.h"
#include "cli/edge/run_loop.h"
#include "cli/project/project.h"
#include "cli/reporters/reporter.h"
#include "cli/running/config_in_force.h"
#include "cli/running/find_proxy.h"
#include "cli/running/service_state.h"
#include "cli/running/status.h"
#include "cli/terminal/bounded_output.h"
#include "cli/trust/local_ca.h"

namespace devproxy {
namespace {

ReportForm report_form(const Invocation& invocation) {
  if (invocation.json) return ReportForm::events;
  if (invocation.log_json) return ReportForm::log;
  return invocation.command == CommandId::up ? ReportForm::table : ReportForm::plain;
}

/// `up api` where `up web` runs: what that left out is started there.
tl::expected<void, Failure> start_left_out(FoundProxy& running, const Config& config,
                                           const std::vector<std::string>& asked) {
  for (const Service& service : config.services) {
    const bool is_asked = std::find(asked.begin(), asked.end(), service.name) != asked.end();
    if (!is_asked || !std::holds_alternative<CommandTarget>(service.target) ||
        find_running(running.facts, service.name) != nullptr)
      continue;
    if (auto answer = ask(running, {"restart", {{"service", service.name}}}, no_limit); !answer)
      return tl::unexpected(std::move(answer.error()));
  }
  return {};
}

/// Somebody ran `up` here before: what it does is shown here too.
Outcome follow_running(FoundProxy& running, const Invocation& invocation, const Console& console) {
  if (!invocation.json) {
    write_out(status_text({status_of(running.facts, config_in_force(running))}, console.colour) +
              "\nIt runs already, and goes on when you leave here by Ctrl-C; what it prints:\n\n");
  }
  Invocation logs = invocation;
  logs.follow = true;
  logs.argument.clear();
  return run_logs(logs, console);
}

}  // namespace

Outcome run_proxy(const Invocation& invocation, const Console& console) {
  EdgeOptions options;
  options.force = invocation.force;
  OwnServicesOptions& services = options.services;
  services.file_limit = raise_descriptor_limit();
  options.only = invocation.services;
  services.terminal = report_form(invocation) == ReportForm::table && console.terminal;
  if (invocation.json || invocation.log_json) set_log_form(LogForm::json);
  LoadRequest request = load_request(invocation);
  take_what_is_handed_over(request, options);
  // Sockets that were handed to this process are for this process.
  options.shares_proxy = invocation.command == CommandId::up && options.inherited.empty();
  LoadOutcome outcome = load(request);
  if (!outcome.result) return tl::unexpected(invalid_file(std::move(outcome.result.error())));

  for (const std::string& name : invocation.services) {
    if (const auto service = find_service(*outcome.result, name); !service)
      return tl::unexpected(service.error());
  }

  if (options.shares_proxy) {
    if (auto running = find_proxy_of(outcome.result->file)) {
      if (auto more = start_left_out(*running, *outcome.result, invocation.services); !more)
        return tl::unexpected(std::move(more.error()));
      if (!invocation.services.empty()) {
        if (auto now = find_proxy_of(outcome.result->file)) running->facts = std::move(now->facts);
      }
      if (!invocation.detach) return follow_running(*running, invocation, console);
      const std::vector<ProxyStatus> there{status_of(running->facts, config_in_force(*running))};
      write_out(invocation.json ? status_form(there) + "\n"
                                : status_text(there, console.colour) + "\nIt runs already.\n");
      return ExitCode::done;
    }
    if (invocation.detach) return up_detached(*outcome.result, invocation, console);
  }

  tell_of_unused(options.inherited, *outcome.result);
  Loop loop;
  const BoundedOutput output(loop, invocation.output);
  LineWriter out(loop.agenda(), STDOUT_FILENO);
  LineWriter errors(loop.agenda(), STDERR_FILENO);
  const auto reporter = make_reporter(report_form(invocation), out, errors, console.terminal,
                                      console.colour, console.colour_of_errors, [] {
                                        const auto state = state_folder();
                                        return state && is_remembered(*state);
                                      });
  Edge edge(loop, std::move(request), *reporter, std::move(options));
  const auto ended =
      run_edge(loop, edge, *outcome.result, std::move(outcome.files), {&out, &errors});
  if (!ended) return tl::unexpected(ended.error());
  return ExitCode::done;
}

}  // namespace devproxy
