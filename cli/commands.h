// The commands: their names and words in one table, and one function for each. Main thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.h"
#include "cli/failure.h"

namespace devproxy {

enum class CommandId : std::uint8_t {
  none,  ///< only `devproxy`
  help,
  version,
  init,
  up,
  down,
  stop,
  run,
  serve,
  check,
  routes,
  explain,
  ports,
  doctor,
  status,
  url,
  open,
  wait,
  logs,
  restart,
  reload,
  history,
  rollback,
  trust,
  untrust,
  setup,
  service,
  hosts,
  env,
  completion,
  schema
};

struct CommandInfo {
  CommandId command;
  std::string_view name;
  std::string_view summary;
  std::string_view examples;  ///< lines of "command<two spaces>what it does"
};

/// In the order that help shows them, the common ones first.
std::span<const CommandInfo> commands();
/// Commands of the contract that this version does not build, so that they can be told from typing
/// slips.
std::span<const std::string_view> later_commands();

/// What the command line asked for. Only the fields of its own command are filled.
struct Invocation {
  CommandId command = CommandId::none;
  std::string name;                        ///< of the command as it was typed
  std::optional<std::string> config_file;  ///< -c
  bool help = false;
  bool version = false;
  bool json = false;
  bool log_json = false;
  bool dry_run = false;
  bool check = false;                     ///< trust: look only
  bool java = false;                      ///< trust: Java's stores too
  bool yes = false;                       ///< setup: run the commands without asking
  bool undo = false;                      ///< setup: take back what was put in
  bool socket_unit = false;               ///< setup: by systemd, for this user only
  bool free = false;                      ///< ports: find a free one
  bool watch = false;                     ///< ports: follow the changes
  bool all = false;                       ///< history: of every project that runs
  bool fix = false;                       ///< doctor: mend what needs no root
  bool dns = false;                       ///< hosts print: for resolvers
  std::string hosts_file = "/etc/hosts";  ///< hosts: --file
  std::string names_file;                 ///< hosts sync: --from
  /// explain: the URL; check: a file; help: a command; ports: a port; url, open, logs: a service;
  /// completion: a shell; service, hosts: what to do; rollback: a generation
  std::string argument;
  std::vector<std::string> services;          ///< up, wait, restart: their names
  std::vector<std::string> words;             ///< run: the command
  bool detach = false;                        ///< up: in the background
  bool force = false;                         ///< up, run: take what another project claims
  std::string output;                         ///< up -d: the file that it prints to
  bool follow = false;                        ///< logs: go on with what is printed from now on
  std::size_t lines = 100;                    ///< logs
  std::chrono::milliseconds timeout{60'000};  ///< wait
  std::string service_name;                   ///< run: --name
  std::string method = "GET";                 ///< explain
  std::vector<std::string> headers;           ///< explain: "Name: value"
};

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
