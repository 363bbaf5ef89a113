// Whether a service of the file can be reached now, as commands see it: what devproxy runs is as
// it says itself; else somebody listens at one of its addresses. Asks the system; blocks for at
// most a second. Main thread.
#pragma once

#include <tl/expected.hpp>

#include <string>

#include "cli/running/running_proxy.h"
#include "cli/terminal/failure.h"
#include "config/config.h"

namespace devproxy {

/// What is shown, and what it means.
struct ReachState {
  bool reachable = false;  ///< a redirect always is, and so is what has done its work
  bool hopeless = false;   ///< it will not be without somebody's help
  std::string owner;       ///< "node (pid 4312)", "ready (pid 4312)"; empty when unknown
  std::string why_not;     ///< "connection refused at 127.0.0.1:4001 and [::1]:4001"
};

ReachState reach_state(const RunningService& service);
/// `proxy` is the running devproxy of the service's file.
ReachState reach_state(const Service& service, const RunningProxy& proxy);

/// The service of that name; else exit 2 with the nearest known one.
tl::expected<const Service*, Failure> find_service(const Config& config, const std::string& name);

}  // namespace devproxy
