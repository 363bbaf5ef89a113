// Which names a hosts file needs for a project, for those that run, and for both together. Asking
// who runs blocks shortly; the rest is pure. Main thread.
#pragma once

#include <string>
#include <vector>

#include "cli/running/running_proxy.h"
#include "cli/setup/hosts_block.h"
#include "config/config.h"

namespace devproxy {

/// A host of a route that a hosts file cannot or must not have.
struct LeftOutName {
  std::string name;
  std::string why;
};

struct HostsNames {
  HostsProject project;
  std::vector<LeftOutName> left_out;
};

/// Exact names below the project's domains, localhost and test, sorted. A name of somebody else's
/// domain is never sent to loopback, whatever the file of a team says.
HostsNames hosts_names(const Config& config);

/// The same for a devproxy without a file, from what it says of its services.
HostsProject hosts_names(const RunningProxy& proxy);

/// Those of every devproxy of this user whose file can be read.
std::vector<HostsProject> running_hosts_names();

/// What a hosts file shall have: of each project the newest names. `known`, which it has already,
/// stay while their file is there, so that a project that does not run just now keeps its names.
std::vector<HostsProject> merge_hosts_names(const std::vector<HostsProject>& known,
                                            const std::vector<HostsProject>& fresh);

}  // namespace devproxy
