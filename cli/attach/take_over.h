// How a shared proxy of a newer program takes the place of an older one: it is handed the listening
// sockets, so that no client is ever refused, and the projects attach to it. Blocks; main thread,
// before the loop runs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/dirs.h"
#include "base/inherited_sockets.h"
#include "cli/running/running_proxy.h"
#include "control/control_client.h"
#include "control/proxy_lock.h"

namespace devproxy {

/// Whether this program should take its place.
bool is_outdated(const RunningProxy& proxy);

/// What is there from before; of a first proxy only the lock.
struct Predecessor {
  ProxyLock lock;
  std::vector<InheritedSocket> sockets;
  std::optional<ControlClient> connection;  ///< its end tells the older one that we can be found
  std::vector<std::int64_t> processes;      ///< whose projects are about to attach again
};

/// Nothing: there is no older one, or it does not hand over.
std::optional<Predecessor> take_over(const Dirs& dirs);

}  // namespace devproxy
