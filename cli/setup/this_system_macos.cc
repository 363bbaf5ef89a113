#include "cli/setup/this_system.h"

namespace devproxy {

ServiceManager service_manager() {
  return ServiceManager::launchd;
}

}  // namespace devproxy
