#include <sys/prctl.h>

#include <csignal>

#include "services/exec_shim.h"

namespace devproxy {

std::string own_program() {
  // Of whoever opens it: in a child that has not called exec yet, still this program.
  return "/proc/self/exe";
}

bool die_with_parent() {
  return ::prctl(PR_SET_PDEATHSIG, SIGTERM) == 0;
}

}  // namespace devproxy
