#include "services/process_tree.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <vector>

#include "services/run_mark.h"

namespace devproxy {

bool ProcessTree::signal(int number) {
  std::vector<pid_t> marked = processes_of_service(run_, service_);
  if (!group_gone_) {
    const bool exists = ::kill(-leader_, number) == 0 || errno == EPERM;
    // A leader that was not reaped yet is about to be told of.
    const bool group = exists && (!leader_gone_ || has_living_member(leader_));
    if (group) std::erase_if(marked, [this](pid_t pid) { return ::getpgid(pid) == leader_; });
    // In the moment before the shim has made its group there is the leader alone. Once it is gone
    // too, the system may give the number to anybody.
    const bool leader = !group && !leader_gone_ && ::kill(leader_, number) == 0;
    group_gone_ = !exists && leader_gone_;
    if (group || leader) {
      for (const pid_t pid : marked) ::kill(pid, number);
      return true;
    }
  }
  for (const pid_t pid : marked) ::kill(pid, number);
  return !marked.empty();
}

}  // namespace devproxy
