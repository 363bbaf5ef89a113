#include "cli/setup/setup_plan.h"

#include <fmt/format.h>

namespace devproxy {
namespace {

constexpr const char* sysctl_name = "net.ipv4.ip_unprivileged_port_start";

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// Puts the files where they belong: everything that root does stands in a command.
void add_installs(SetupPlan& plan) {
  for (const SetupFile& file : plan.files) {
    plan.commands.push_back(
        {"install", "-D", "-m", "0644", plan.stage + "/" + name_of(file.path), file.path});
  }
}

}  // namespace

std::string sysctl_file(const std::string& etc) {
  return etc + "/sysctl.d/90-devproxy.conf";
}

SetupPlan plan_sysctl(const std::string& etc, const std::string& stage, const std::string& user) {
  SetupPlan plan;
  plan.way = LowPortsWay::sysctl;
  plan.stage = stage;
  plan.files = {{sysctl_file(etc),
                 fmt::format("# {}\n# For {} (devproxy setup --undo), and programs of every user: "
                             "they may listen on ports from 80 on.\n{} = 80\n",
                             unit_mark, user, sysctl_name)}};
  add_installs(plan);
  plan.commands.push_back({"sysctl", "-p", sysctl_file(etc)});
  return plan;
}

SetupPlan plan_socket_unit(const std::string& etc, const std::string& stage,
                           const Autostarted& what, bool has_ipv6) {
  const std::string units = etc + "/systemd/system/";
  SetupPlan plan;
  plan.way = LowPortsWay::socket_unit;
  plan.stage = stage;
  plan.files = {{units + socket_unit_name(what), socket_unit(what, has_ipv6)},
                {units + socket_service_name(what), socket_service(what)}};
  add_installs(plan);
  plan.commands.push_back({"systemctl", "daemon-reload"});
  plan.commands.push_back(
      {"systemctl", "enable", "--now", socket_unit_name(what), socket_service_name(what)});
  return plan;
}

SetupPlan plan_undo(const LowPorts& ports, const std::vector<std::string>& files) {
  SetupPlan plan;
  plan.way = ports.way;
  Words remove{"rm", "-f"};
  remove.insert(remove.end(), files.begin(), files.end());
  if (ports.way == LowPortsWay::socket_unit && !files.empty()) {
    Words disable{"systemctl", "disable", "--now"};
    for (const std::string& file : files) disable.push_back(name_of(file));
    plan.commands = {disable, remove, {"systemctl", "daemon-reload"}};
  } else if (ports.way == LowPortsWay::sysctl && !files.empty()) {
    plan.commands = {remove,
                     {"sysctl", "-w", fmt::format("{}={}", sysctl_name, ports.first_before)}};
  }
  return plan;
}

}  // namespace devproxy
