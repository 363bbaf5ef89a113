// A hosts file on the disk: read, and replaced so that no reader sees half of it. Blocks; main
// thread of a command.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace devproxy {

inline constexpr const char* system_hosts_file = "/etc/hosts";

/// Empty when there is none.
Result<std::string> read_hosts_file(const std::string& path);

/// As one step, with the mode, the owner and the security label that the file has. Where another
/// file cannot take its place (it is a mount of its own, as in containers, or the folder is
/// read-only) it is written in place. A link is followed. Code::denied when it takes root.
Result<void> write_hosts_file(const std::string& path, std::string_view text);

/// hosts_label_linux.cc, hosts_label_macos.cc: gives the file `to` the security label of `from`,
/// where the system has such. Without it SELinux would hide the new file from others.
void copy_security_label(int from, int to);

}  // namespace devproxy
