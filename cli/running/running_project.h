// Which project another devproxy of this user serves, read from the file that it was started with:
// for the message about a port that two projects ask for. Reads files; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/process_facts.h"

namespace devproxy {

struct RunningProject {
  std::string name;
  std::string file;     ///< of its configuration, absolute
  std::string service;  ///< the one whose TCP port was asked about; empty: none
};

/// Nothing when the process or its file cannot be read. What the file says now may be younger than
/// what the process does.
std::optional<RunningProject> running_project(const ProcessFacts& process, std::uint16_t tcp_port);

bool is_shared_proxy(const ProcessFacts& process);

}  // namespace devproxy
