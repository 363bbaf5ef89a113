// `devproxy setup` and `setup --undo`.
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/port_class.h"
#include "cli/commands/asking.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"
#include "cli/setup/setup_report.h"
#include "cli/terminal/environment.h"
#include "cli/trust/local_ca.h"

namespace devproxy {
namespace {

std::vector<RunningProxy> running_proxies() {
  std::vector<RunningProxy> running;
  for (FoundProxy& proxy : find_proxies()) running.push_back(std::move(proxy.facts));
  return running;
}

SetupScene real_scene(CommandRunner& runner, std::string state) {
  SetupScene scene{runner, std::move(state)};
  scene.user = own_user_name();
  scene.is_root = ::geteuid() == 0;
  scene.manager = service_manager();
  if (scene.manager == ServiceManager::launchd)
    scene.etc = environment("HOME").value_or("") + "/Library";
  scene.first_unprivileged = kernel_ports().first_unprivileged;
  scene.try_ports = [] { return try_low_ports(running_proxies()); };
  scene.accepts = accepts;
  return scene;
}

/// Of the project here, for the URL that is shown; a machine without any can be set up too.
std::string host_here(const Invocation& invocation) {
  const auto config = load_project(invocation);
  if (!config) return "";
  for (const RouteRule& rule : config->routes) {
    for (const std::string& host : rule.hosts) {
      if (!host.starts_with('*')) return host;
    }
  }
  return "";
}

ExitCode exit_of(const SetupReport& report) {
  if (report.dry_run) return ExitCode::done;
  if (report.left) return ExitCode::permission;
  const auto& trials = report.run.trials();
  const bool matters =
      report.run.state() == SetupState::already || report.run.state() == SetupState::done;
  const LowPortsWay way = report.run.planned().way;
  const bool by_us = way == LowPortsWay::bind || way == LowPortsWay::sysctl;
  return matters && by_us && std::any_of(trials.begin(), trials.end(), is_taken)
             ? ExitCode::conflict
             : ExitCode::done;
}

tl::expected<void, Failure> make_plan(SetupRun& run, const Invocation& invocation) {
  if (invocation.undo) return run.plan_undo();
  return run.plan(invocation.socket_unit, [&invocation]() -> tl::expected<Autostarted, Failure> {
    const auto config = load_project(invocation);
    if (!config) return tl::unexpected(config.error());
    return autostarted_here(*config);
  });
}

}  // namespace

Outcome run_setup(const Invocation& invocation, const Console& console) {
  auto state = state_folder();
  if (!state) return tl::unexpected(state.error());
  SystemRunner runner;
  SetupRun run(real_scene(runner, std::move(*state)));
  if (const auto planned = make_plan(run, invocation); !planned)
    return tl::unexpected(planned.error());

  SetupReport report{run,
                     invocation.undo,
                     invocation.dry_run,
                     false,
                     environment("HOME").value_or(""),
                     host_here(invocation)};
  const bool has_commands = !run.planned().commands.empty();
  if (!run.planned().stage.empty() && has_commands && !invocation.dry_run) {
    if (const auto staged = run.stage(); !staged) return tl::unexpected(staged.error());
  }
  if (has_commands && !invocation.json) write_out(setup_plan_text(report));
  const bool may_run =
      !has_commands || invocation.yes ||
      (!invocation.dry_run && may_ask(invocation, console) && ask("\nRun that now? [Y/n] "));
  report.left = has_commands && (invocation.dry_run || !may_run);
  if (!invocation.dry_run && may_run) {
    if (const auto done = run.carry_out(console.terminal && !invocation.json); !done)
      return tl::unexpected(done.error());
    if (has_commands && !invocation.json) write_out("\n");
  }
  write_out(invocation.json ? setup_form(report) + "\n" : setup_text(report));
  return exit_of(report);
}

}  // namespace devproxy
