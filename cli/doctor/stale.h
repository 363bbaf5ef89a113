// What devproxies that were killed left behind: control sockets that nobody answers on, processes
// that carry the mark of a run that is over, ports remembered for folders that are gone. Gathering
// and mending ask the system; deciding what is stale is pure. Main thread of a command.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/dirs.h"
#include "cli/doctor/diagnosis.h"
#include "cli/running/running_proxy.h"

namespace devproxy {

/// A process with DEVPROXY_RUN_ID in its environment.
struct MarkedProcess {
  pid_t pid = 0;
  std::string run;
  std::string service;
  std::string words;            ///< its command line, escaped
  bool below_devproxy = false;  ///< a devproxy that lives is among its ancestors
  bool above_us = false;        ///< we were started from it
};

struct StaleFacts {
  std::vector<std::string> sockets;  ///< files that nobody listens on
  std::vector<MarkedProcess> processes;
  std::set<std::string> living_runs;  ///< whose devproxy or guard lives
  std::size_t forgotten_ports = 0;    ///< remembered for folders that are gone
};

/// The run and the service of a mark, when it has the form that ours have.
std::optional<std::pair<std::string, std::string>> parse_mark(std::string_view mark);

/// To be called before anybody asks the proxies: that removes dead sockets.
std::vector<std::string> dead_sockets(const Dirs& dirs);
/// All but the sockets.
StaleFacts stale_facts(const Dirs& dirs, const std::vector<RunningProxy>& proxies);

/// Those that nothing speaks for: their run is over, and no devproxy is above any of it.
std::vector<MarkedProcess> stale_processes(const StaleFacts& facts);

Diagnoses check_stale(const StaleFacts& facts);

/// Ends them with SIGTERM, after a while with SIGKILL; only those that still carry the mark. Says
/// what was done.
std::string end_stale_processes(const StaleFacts& facts);
/// Takes ports out of the list whose folders are gone. Says what was done.
std::string forget_ports(const Dirs& dirs);

}  // namespace devproxy
