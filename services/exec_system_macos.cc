#include <mach-o/dyld.h>

#include <array>
#include <cstdint>

#include "services/exec_shim.h"

namespace devproxy {

std::string own_program() {
  std::array<char, 4096> path{};
  std::uint32_t size = path.size();
  return _NSGetExecutablePath(path.data(), &size) == 0 ? path.data() : "devproxy";
}

bool die_with_parent() {
  return false;  // the guard (services/guard.h) sees it
}

}  // namespace devproxy
