#include <sys/sysctl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "services/run_mark.h"

namespace devproxy {
namespace {

std::vector<kinfo_proc> own_processes() {
  std::array<int, 4> name{CTL_KERN, KERN_PROC, KERN_PROC_UID, static_cast<int>(::geteuid())};
  std::size_t size = 0;
  if (sysctl(name.data(), 4, nullptr, &size, nullptr, 0) != 0) return {};
  std::vector<kinfo_proc> processes(size / sizeof(kinfo_proc) + 16);
  size = processes.size() * sizeof(kinfo_proc);
  if (sysctl(name.data(), 4, processes.data(), &size, nullptr, 0) != 0) return {};
  processes.resize(size / sizeof(kinfo_proc));
  return processes;
}

/// The number of arguments, the program's path, zeros, the arguments, the environment.
std::string_view environment_of(pid_t pid, std::string& block) {
  std::array<int, 3> name{CTL_KERN, KERN_PROCARGS2, pid};
  std::size_t size = 0;
  if (sysctl(name.data(), 3, nullptr, &size, nullptr, 0) != 0) return {};
  block.resize(size);
  if (sysctl(name.data(), 3, block.data(), &size, nullptr, 0) != 0) return {};
  block.resize(size);
  int arguments = 0;
  if (block.size() < sizeof arguments) return {};
  std::memcpy(&arguments, block.data(), sizeof arguments);
  std::size_t at = block.find('\0', sizeof arguments);
  if (at == std::string::npos) return {};
  at = block.find_first_not_of('\0', at);
  for (int i = 0; i < arguments && at < block.size(); ++i) at = block.find('\0', at) + 1;
  return at < block.size() ? std::string_view(block).substr(at) : std::string_view();
}

}  // namespace

std::string read_environment(pid_t pid) {
  std::string block;
  return std::string(environment_of(pid, block));
}

void visit_environments(const std::function<void(pid_t, std::string_view)>& visit) {
  std::string block;
  for (const kinfo_proc& process : own_processes()) {
    if (process.kp_proc.p_stat == SZOMB) continue;
    const pid_t pid = process.kp_proc.p_pid;
    const std::string_view environment = environment_of(pid, block);
    if (!environment.empty()) visit(pid, environment);
  }
}

}  // namespace devproxy
