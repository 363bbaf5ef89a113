#include "cli/run.h"

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_line/args.h"
#include "cli/command_line/help.h"
#include "cli/command_line/help_form.h"
#include "cli/commands/commands.h"
#include "cli/commands/hidden.h"
#include "cli/edge/shared_proxy.h"
#include "cli/never_root.h"
#include "cli/running/spawn_self.h"
#include "cli/running/start_proxy.h"
#include "cli/terminal/console.h"
#include "services/exec_shim.h"
#include "services/guard.h"

namespace devproxy {
namespace {

Outcome run_help(const std::string& command, bool json) {
  const auto text = help_text(command);
  if (!text) return tl::unexpected(text.error());
  write_out(json ? help_form(command) + "\n" : *text);
  return ExitCode::done;
}

Outcome dispatch(const Invocation& invocation, const Console& console) {
  if (invocation.help) return run_help(invocation.name, invocation.json);
  switch (invocation.command) {
    case CommandId::none:
      return run_none(invocation, console);
    case CommandId::help:
      return run_help(invocation.argument, invocation.json);
    case CommandId::version:
      return run_version(invocation, console);
    case CommandId::init:
      return run_init(invocation, console);
    case CommandId::up:
    case CommandId::serve:
      return run_proxy(invocation, console);
    case CommandId::run:
      return run_command(invocation, console);
    case CommandId::down:
      return run_down(invocation, console);
    case CommandId::stop:
      return run_stop(invocation, console);
    case CommandId::check:
      return run_check(invocation, console);
    case CommandId::routes:
      return run_routes(invocation, console);
    case CommandId::explain:
      return run_explain(invocation, console);
    case CommandId::ports:
      return run_ports(invocation, console);
    case CommandId::doctor:
      return run_doctor(invocation, console);
    case CommandId::status:
      return run_status(invocation, console);
    case CommandId::url:
      return run_url(invocation, console);
    case CommandId::open:
      return run_open(invocation, console);
    case CommandId::wait:
      return run_wait(invocation, console);
    case CommandId::logs:
      return run_logs(invocation, console);
    case CommandId::restart:
      return run_restart(invocation, console);
    case CommandId::reload:
      return run_reload(invocation, console);
    case CommandId::history:
      return run_history(invocation, console);
    case CommandId::rollback:
      return run_rollback(invocation, console);
    case CommandId::trust:
    case CommandId::untrust:
      return run_trust(invocation, console);
    case CommandId::setup:
      return run_setup(invocation, console);
    case CommandId::service:
      return run_service(invocation, console);
    case CommandId::hosts:
      return run_hosts(invocation, console);
    case CommandId::env:
      return run_env(invocation, console);
    case CommandId::completion:
      return run_completion(invocation, console);
    case CommandId::schema:
      return run_schema(invocation, console);
  }
  return ExitCode::failed;
}

}  // namespace

int run(int argc, const char* const* argv) {
  std::vector<const char*> rest;
  std::string output;
  if (argc > 2 && std::string_view(argv[1]) == detached_word) {
    ::setsid();
    output = argv[2];
    rest.assign(argv + 2, argv + argc);
    rest.front() = argv[0];
    rest.push_back(nullptr);
    argc -= 2;
    argv = rest.data();
  }
  if (const auto request = parse_exec(argc, argv)) return run_exec_shim(*request);
  if (const auto guarded = parse_guard(argc, argv)) return run_guard(*guarded);
  if (argc == 2 && std::string_view(argv[1]) == proxy_command) return run_shared_proxy();
  if (const auto code = run_hidden(argc, argv)) return *code;
  const Console console = Console::detect();
  auto invocation = parse_arguments(argc, argv);
  if (!invocation) return report(invocation.error(), wants_json(argc, argv), console);
  invocation->output = std::move(output);
  if (!invocation->help) {
    if (const auto left = leave_root(invocation->command); !left)
      return report(left.error(), invocation->json, console);
  }
  const Outcome outcome = dispatch(*invocation, console);
  if (!outcome) return report(outcome.error(), invocation->json, console);
  return static_cast<int>(*outcome);
}

}  // namespace devproxy
