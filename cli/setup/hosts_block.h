// Our part of a hosts file: one block between two marks, in it a part for each project. What stands
// outside of the marks is never touched, to the byte. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace devproxy {

struct HostsProject {
  std::string name;
  std::string file;  ///< of its configuration, escaped; empty: it has none (`devproxy run`)
  std::vector<std::string> names;

  bool operator==(const HostsProject& other) const {
    return name == other.name && file == other.file && names == other.names;
  }
};

/// A hosts file taken apart.
struct HostsText {
  std::string before;
  std::string after;
  bool has_block = false;
  bool crlf = false;  ///< its lines end so
  std::vector<HostsProject> projects;
};

/// Code::invalid when the marks do not belong together: what is ours cannot be told then. `path`
/// is for the message.
Result<HostsText> parse_hosts(std::string_view text, const std::string& path);

/// The block alone, lines ending in "\n"; empty without any name. A name of two projects stands in
/// the part of the first.
std::string hosts_block(const std::vector<HostsProject>& projects);

/// The whole file with this block in place of what was there; taking it out again gives the file
/// from before.
std::string with_hosts_block(const HostsText& hosts, const std::vector<HostsProject>& projects);

/// How many different names there are.
std::size_t count_names(const std::vector<HostsProject>& projects);

}  // namespace devproxy
