// Whom a `follow` means, and which of several: pure functions on what a scan found. The order is
// always the same, so that a restart never leads elsewhere: the process that matches before its
// children, then the one that began first, then the lowest port. Any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loopback_place.h"
#include "config/follow.h"
#include "services/scanned_listener.h"

namespace devproxy {

/// A listener that could be meant.
struct FollowCandidate {
  const ScannedListener* listener = nullptr;
  std::size_t depth = 0;  ///< 0: its process matches itself; 1: its parent does, …
};

/// Where it is.
struct Found {
  LoopbackPlace place;
  pid_t pid = 0;
  std::string owner;   ///< "node (pid 4312)", "container shop-db-1"
  std::string reason;  ///< of several, why this one and how to narrow; empty: there is no other
};

/// `glob` on the command line, on the program's name, or on the line from one of its first words:
/// "uvicorn*" fits "/usr/bin/python3 -m uvicorn app:api" too.
bool fits_command(const std::string& glob, const ScannedProcess& process);

/// Debuggers and live reload listen beside the server and are never meant.
bool is_side_port(std::uint16_t port);

/// What a process must be, beside what the rule says itself.
struct Followed {
  const FollowTarget& rule;
  std::string dir;           ///< the rule's, without symbolic links
  std::optional<pid_t> pid;  ///< what the rule's pid_file holds
};
/// `self`: the pid of this devproxy, whose own listeners and services are nobody to follow.
std::vector<FollowCandidate> candidates_of(const Followed& followed,
                                           const std::vector<ScannedListener>& listeners,
                                           pid_t self);

/// What the program of a service grew into: its descendants, and whoever carries its mark.
std::vector<FollowCandidate> candidates_of_tree(pid_t leader, std::string_view mark,
                                                const std::vector<ScannedListener>& listeners);

/// Nothing when there is no candidate.
std::optional<Found> choose(std::vector<FollowCandidate> candidates);

}  // namespace devproxy
