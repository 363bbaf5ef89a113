// Whether a service of the file can be reached now, as commands see it: somebody listens at one of
// its addresses. Asks the system; blocks for at most a second. Main thread.
#pragma once

#include <tl/expected.hpp>

#include <string>

#include "cli/failure.h"
#include "config/config.h"

namespace devproxy {

struct ServiceState {
  bool reachable = false;  ///< a redirect always is
  std::string owner;       ///< "node (pid 4312)"; empty when unknown
  std::string why_not;     ///< "connection refused at 127.0.0.1:4001 and [::1]:4001"
};

ServiceState service_state(const Service& service);

/// The service of that name; else exit 2 with the nearest known one.
tl::expected<const Service*, Failure> find_service(const Config& config, const std::string& name);

}  // namespace devproxy
