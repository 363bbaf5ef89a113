// Which folders have to be watched to notice every change of a file: its own, those of the links on
// the way to it, and in place of a missing folder the nearest one above. Asks the file system;
// stateless; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace devproxy {

/// Adds folders, each with the names of the entries in it that matter, to `folders`. `file` is
/// absolute.
void folders_to_watch(const std::string& file,
                      std::map<std::string, std::set<std::string>>& folders);

/// Which folder a path leads to at the moment; all zero when there is none.
struct FolderId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  bool operator==(const FolderId&) const = default;
};
FolderId folder_id(const std::string& path);

/// The last part of a path.
std::string name_of(const std::string& path);

/// Whether `folder` is on a file system whose changes by other machines make no events (NFS, SMB,
/// 9p, FUSE, …).
bool is_blind_to_changes(const std::string& folder);

}  // namespace devproxy
