// The commands: one function for each. Main thread.
#pragma once

#include "cli/command_line/invocation.h"
#include "cli/terminal/console.h"
#include "cli/terminal/failure.h"

namespace devproxy {

Outcome run_version(const Invocation& invocation, const Console& console);
/// Both `serve` and `up`, which differ in whose proxy carries them and in what they print.
Outcome run_proxy(const Invocation& invocation, const Console& console);
Outcome run_down(const Invocation& invocation, const Console& console);
Outcome run_stop(const Invocation& invocation, const Console& console);
Outcome run_command(const Invocation& invocation, const Console& console);
Outcome run_check(const Invocation& invocation, const Console& console);
Outcome run_routes(const Invocation& invocation, const Console& console);
Outcome run_explain(const Invocation& invocation, const Console& console);
Outcome run_status(const Invocation& invocation, const Console& console);
Outcome run_url(const Invocation& invocation, const Console& console);
Outcome run_open(const Invocation& invocation, const Console& console);
Outcome run_wait(const Invocation& invocation, const Console& console);
Outcome run_logs(const Invocation& invocation, const Console& console);
Outcome run_restart(const Invocation& invocation, const Console& console);
Outcome run_reload(const Invocation& invocation, const Console& console);
Outcome run_history(const Invocation& invocation, const Console& console);
Outcome run_rollback(const Invocation& invocation, const Console& console);
Outcome run_ports(const Invocation& invocation, const Console& console);
Outcome run_doctor(const Invocation& invocation, const Console& console);
/// `trust` and `untrust`.
Outcome run_trust(const Invocation& invocation, const Console& console);
Outcome run_setup(const Invocation& invocation, const Console& console);
Outcome run_service(const Invocation& invocation, const Console& console);
/// `hosts sync`, `hosts clean` and `hosts print`.
Outcome run_hosts(const Invocation& invocation, const Console& console);
Outcome run_env(const Invocation& invocation, const Console& console);
Outcome run_init(const Invocation& invocation, const Console& console);
Outcome run_completion(const Invocation& invocation, const Console& console);
Outcome run_schema(const Invocation& invocation, const Console& console);
/// `devproxy` alone: status when one is running, else the short help.
Outcome run_none(const Invocation& invocation, const Console& console);

}  // namespace devproxy
