#include <sys/sysctl.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <vector>

#include "services/process_tree.h"

namespace devproxy {

bool has_living_member(pid_t group) {
  std::array<int, 4> name{CTL_KERN, KERN_PROC, KERN_PROC_PGRP, group};
  std::size_t size = 0;
  if (sysctl(name.data(), 4, nullptr, &size, nullptr, 0) != 0) return false;
  std::vector<kinfo_proc> members(size / sizeof(kinfo_proc) + 16);
  size = members.size() * sizeof(kinfo_proc);
  if (sysctl(name.data(), 4, members.data(), &size, nullptr, 0) != 0) return false;
  members.resize(size / sizeof(kinfo_proc));
  return std::any_of(members.begin(), members.end(),
                     [](const kinfo_proc& member) { return member.kp_proc.p_stat != SZOMB; });
}

}  // namespace devproxy
