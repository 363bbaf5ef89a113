// Firewall rules that stand between this machine and itself, where they can be read: mostly only
// root may. Whether connections get through at all is check_loopback()'s. Gathering runs nft or
// iptables; the rest is pure. Main thread of a command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "certs/command_runner.h"
#include "cli/doctor/diagnosis.h"

namespace devproxy {

struct FirewallFacts {
  enum class State : std::uint8_t { absent, unreadable, read };
  State state = State::absent;
  std::string command;  ///< that lists the rules: "nft list ruleset"
  std::string rules;
};

FirewallFacts firewall_facts(CommandRunner& runner);

/// Rules of `nft list ruleset` or `iptables -S` that name loopback and drop or refuse; each as it
/// stands there.
std::vector<std::string> rules_against_loopback(std::string_view rules);

Diagnoses check_firewall(const FirewallFacts& facts);

}  // namespace devproxy
