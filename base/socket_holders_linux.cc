// The Linux part of socket_holders: the links of /proc/<pid>/fd name a socket by its inode.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unordered_map>

#include "base/directory.h"
#include "base/process_facts.h"
#include "base/socket_holders.h"
#include "base/text.h"

namespace devproxy {
namespace {

/// From the inodes that are still looked for to their places in the result.
using Wanted = std::unordered_multimap<std::uint64_t, std::size_t>;

/// "socket:[71234]".
std::optional<std::uint64_t> socket_inode(int folder, const char* descriptor) {
  constexpr std::string_view prefix = "socket:[";
  std::array<char, 64> buffer;
  const ssize_t size = readlinkat(folder, descriptor, buffer.data(), buffer.size());
  const std::string_view link(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!link.starts_with(prefix) || !link.ends_with(']')) return std::nullopt;
  return parse_number(link.substr(prefix.size(), link.size() - prefix.size() - 1));
}

/// Processes are numbered as they began, so the lowest is mostly the parent.
std::vector<pid_t> process_ids() {
  std::vector<pid_t> pids = all_processes();
  std::sort(pids.begin(), pids.end());
  return pids;
}

void look_into(pid_t pid, Wanted& wanted, std::vector<std::optional<pid_t>>& holders) {
  Directory descriptors(fmt::format("/proc/{}/fd", pid).c_str());
  if (!descriptors) return;
  while (const char* const name = descriptors.next()) {
    const auto inode = socket_inode(descriptors.descriptor(), name);
    if (!inode) continue;
    const auto [begin, end] = wanted.equal_range(*inode);
    for (auto found = begin; found != end; ++found) holders[found->second] = pid;
    wanted.erase(begin, end);
  }
}

}  // namespace

std::vector<std::optional<pid_t>> holders_of(const std::vector<TcpSocket>& sockets) {
  std::vector<std::optional<pid_t>> holders(sockets.size());
  Wanted wanted;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].inode != 0) wanted.emplace(sockets[i].inode, i);
  }
  if (wanted.empty()) return holders;
  for (const pid_t pid : process_ids()) {
    look_into(pid, wanted, holders);
    if (wanted.empty()) break;
  }
  return holders;
}

}  // namespace devproxy
