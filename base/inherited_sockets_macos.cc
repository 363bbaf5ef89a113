// launchd hands over the sockets of an agent by name, once, to the process that it started.
#include <launch.h>

#include <cstdlib>

#include "base/inherited_sockets.h"

namespace devproxy {

std::vector<int> sockets_of_launchd() {
  int* descriptors = nullptr;
  std::size_t count = 0;
  // The name that `devproxy setup` gives them; an error when nobody else started us.
  if (::launch_activate_socket("Listeners", &descriptors, &count) != 0) return {};
  std::vector<int> result(descriptors, descriptors + count);
  std::free(descriptors);
  return result;
}

}  // namespace devproxy
