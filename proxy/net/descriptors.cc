#include "proxy/net/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace devproxy {

Descriptors::Descriptors() {
  // Files, pipes, watches, logs and libuv's own come on top of sockets.
  constexpr std::size_t others = 32;
  rlimit allowed{};
  const bool known = getrlimit(RLIMIT_NOFILE, &allowed) == 0 && allowed.rlim_cur != RLIM_INFINITY;
  const std::size_t all = known ? static_cast<std::size_t>(allowed.rlim_cur) : 65'536;
  limit_ = all > 2 * others ? all - others : std::max<std::size_t>(all / 2, 4);
  kept_for_services_ = std::min<std::size_t>(std::max<std::size_t>(limit_ / 4, 2), 1024);
}

}  // namespace devproxy
