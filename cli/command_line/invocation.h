// What the command line asked for, as plain values: which command, and what it was given. Values;
// any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

}  // namespace devproxy
