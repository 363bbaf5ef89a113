// Whether the proxy of a file runs and listens where the file says, what other proxies of this user
// do, and whether https of local names is believed here. The checks are pure; gathering asks the
// control sockets and reads the CA. Main thread of a command.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "cli/doctor/diagnosis.h"
#include "cli/running/running_proxy.h"
#include "config/config.h"

namespace devproxy {

struct ProxyFacts {
  std::string file;                     ///< empty: there is none, the machine only is looked at
  std::vector<ListenAddress> wanted;    ///< what it asks for
  std::optional<RunningProxy> running;  ///< with that file
  std::vector<RunningProxy> others;
  std::vector<std::string> silent;  ///< control sockets of proxies that do not answer
  bool has_ipv6 = true;
  std::string version;  ///< ours
};
Diagnoses check_listeners(const ProxyFacts& facts);

struct CaFacts {
  bool wanted = true;  ///< false: https = "off"
  bool there = false;
  std::string unusable;  ///< why it cannot be used; empty: it can
  std::string unusable_hint;
  std::string wrong_domains;  ///< which of the file's domains it cannot sign for, and the way out
  bool was_trusted = false;   ///< `trust` put it into a store, and `untrust` did not take it back
  std::vector<std::string> doubters;  ///< stores that do not trust it now
  std::time_t not_after = 0;
  std::time_t now = 0;
};
CaFacts ca_facts(const Config* config);
Diagnoses check_ca(const CaFacts& facts);

}  // namespace devproxy
