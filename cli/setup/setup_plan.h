// What a system needs before its user may listen on ports 80 and 443, and what takes it back: files
// and commands, to be shown before anything is done. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certs/command_runner.h"
#include "cli/project/low_ports.h"
#include "cli/setup/unit_files.h"

namespace devproxy {

struct SetupFile {
  std::string path;  ///< where it belongs
  std::string text;
};

struct SetupPlan {
  LowPortsWay way = LowPortsWay::bind;
  std::vector<SetupFile> files;
  std::string stage;            ///< folder of this user where root's commands find the files
  std::vector<Words> commands;  ///< in order, each only when the one before it worked; no sudo
  bool needs_root = true;
};

/// `etc`: "/etc", except in tests.
std::string sysctl_file(const std::string& etc);
SetupPlan plan_sysctl(const std::string& etc, const std::string& stage, const std::string& user);
SetupPlan plan_socket_unit(const std::string& etc, const std::string& stage,
                           const Autostarted& what, bool has_ipv6);
/// Takes back what `ports` remembers of: of these files those that are still ours.
SetupPlan plan_undo(const LowPorts& ports, const std::vector<std::string>& files);

}  // namespace devproxy
