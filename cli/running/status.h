// What `devproxy status` shows: every running proxy of this user with its services, whether they
// can be reached, and their URLs. Gathering asks the system; the two forms are pure functions. Main
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/running/running_proxy.h"
#include "cli/running/service_state.h"
#include "config/config.h"

namespace devproxy {

struct ServiceStatus {
  std::string name;
  std::string target;             ///< ":4001"
  std::vector<std::string> urls;  ///< may be empty: only `[[routes]]` lead there, or none
  ReachState state;
  std::string fallback = {};  ///< "shop/api", of the main checkout, answers; mostly empty
  std::string taken_by = {};  ///< the project that has its URLs by --force; mostly empty
};

struct ProxyStatus {
  RunningProxy proxy;
  std::string problem;  ///< why its services cannot be told: the file is broken or gone
  std::vector<ServiceStatus> services;
};

/// Reads the proxy's file and probes its services. `in_force`: what counts instead of the file, see
/// config_in_force().
ProxyStatus status_of(RunningProxy proxy, std::optional<Config> in_force = std::nullopt);

/// Notes which URLs of one lead to another, which was started with --force: the last one wins.
void note_taken(std::vector<ProxyStatus>& proxies);

/// "devproxy.status/v1"
std::string status_form(const std::vector<ProxyStatus>& proxies);
std::string status_text(const std::vector<ProxyStatus>& proxies, bool colour);

}  // namespace devproxy
