// What the machine itself may have too little of: descriptors, inotify watches, a loopback that
// lets connections through, IPv6. Gathering (machine_facts_linux.cc, machine_facts_macos.cc for
// what differs) takes some milliseconds; the checks are pure. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/doctor/diagnosis.h"

namespace devproxy {

struct DescriptorFacts {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

/// Limits for this user, and what its processes use of them. None: the system has no such thing.
struct InotifyFacts {
  std::optional<std::uint64_t> max_watches;
  std::optional<std::uint64_t> max_instances;
  std::uint64_t watches = 0;
  std::uint64_t instances = 0;
};

/// Whether a connection from this machine to itself works; empty texts: it does.
struct LoopbackFacts {
  std::string ipv4_error;
  std::string ipv6_error;
  bool has_ipv6 = true;            ///< there is a ::1 to listen on
  bool ipv6_is_asked_for = false;  ///< by the file, in its own words, not by default
};

DescriptorFacts descriptor_facts();
InotifyFacts inotify_facts();
LoopbackFacts loopback_facts();

Diagnoses check_descriptors(const DescriptorFacts& facts);
Diagnoses check_inotify(const InotifyFacts& facts);
Diagnoses check_loopback(const LoopbackFacts& facts);

}  // namespace devproxy
