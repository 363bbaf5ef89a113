// Probes ask the system whether somebody listens at an address, and who: a quick connect that is
// closed at once, and the owner of the port. They block for at most a second; for commands that
// print and end. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/process_facts.h"
#include "config/config.h"

namespace devproxy {

/// One address where a service may be, and what was found there.
struct BackendAddress {
  std::string address;  ///< "127.0.0.1:4001", "[::1]:4001", "unix:/x"
  bool listening = false;
  std::string why_not;                  ///< "connection refused"
  std::string owner;                    ///< "node (pid 4312)"; empty when unknown
  std::optional<ProcessFacts> process;  ///< all about it, when it is visible
};

/// `host` is an IP literal.
BackendAddress probe_tcp(const std::string& host, std::uint16_t port);
BackendAddress probe_unix(const std::string& path);
/// Resolves `host` first; one entry for each of its addresses, a few at most.
std::vector<BackendAddress> probe_name(const std::string& host, std::uint16_t port);

/// Where the services's target may be: both loopback families for a port.
std::vector<BackendAddress> probe(const Target& target);

/// "node (pid 4312)" for whoever listens at this address; empty when nobody does or the system does
/// not say.
std::string owner_text(const std::string& host, std::uint16_t port);

}  // namespace devproxy
