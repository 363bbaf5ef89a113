#include <unistd.h>

#include "cli/setup/this_system.h"

namespace devproxy {

ServiceManager service_manager() {
  // As sd_booted(3) does it.
  return ::access("/run/systemd/system", F_OK) == 0 ? ServiceManager::systemd
                                                    : ServiceManager::none;
}

}  // namespace devproxy
