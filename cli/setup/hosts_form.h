// What `devproxy hosts` did or would do, as values, and its JSON. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "certs/command_runner.h"
#include "cli/setup/hosts_block.h"
#include "cli/setup/hosts_names.h"
#include "cli/setup/resolver_snippets.h"

namespace devproxy {

struct HostsOutcome {
  std::string action;  ///< "sync", "clean", "print"
  std::string file;    ///< the hosts file
  bool dry_run = false;
  bool changed = false;  ///< what is wanted is not what was there
  bool written = false;
  std::vector<HostsProject> projects;  ///< that it has (then)
  std::vector<LeftOutName> left_out;
  Words command;  ///< that root would have to run; empty: nobody
};

std::string hosts_form(const HostsOutcome& outcome);
std::string dns_form(const std::vector<std::string>& domains, std::uint16_t port, bool is_on,
                     const std::vector<ResolverSnippet>& snippets);

/// The lines that a dry run shows: what goes and what comes, between two texts of a file.
std::string changed_lines(std::string_view before, std::string_view after);

}  // namespace devproxy
