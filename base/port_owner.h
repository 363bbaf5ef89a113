// Who listens on a TCP port of this machine: for messages that name the process in the way. Reads
// the system's tables, some milliseconds: not for the path of a request. Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/process_facts.h"

namespace devproxy {

struct PortOwner {
  std::optional<ProcessFacts> process;  ///< unknown when it belongs to another user
  uid_t uid = 0;
  std::string address;  ///< where it listens: "127.0.0.1", "::", …
};

/// `host` is an IP literal or "localhost". Nothing when nobody listens there, or nobody that the
/// system lets us see.
std::optional<PortOwner> port_owner(std::string_view host, std::uint16_t port);

/// "nginx (pid 812)", or "a process of user root".
std::string describe(const PortOwner& owner);

}  // namespace devproxy
