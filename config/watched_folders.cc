#include "config/watched_folders.h"

#include <sys/stat.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <memory>
#include <system_error>

namespace devproxy {
namespace fs = std::filesystem;
namespace {

constexpr int links_max = 40;  // as the kernel's own limit

}  // namespace

void folders_to_watch(const std::string& file,
                      std::map<std::string, std::set<std::string>>& folders) {
  std::deque<fs::path> parts;
  for (const fs::path& part : fs::path(file).lexically_normal().relative_path())
    parts.push_back(part);
  fs::path here = "/";
  int links = 0;
  while (!parts.empty()) {
    const fs::path part = parts.front();
    parts.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      here = here.parent_path();
      continue;
    }
    std::error_code error;
    const fs::path next = here / part;
    const fs::file_type type = fs::symlink_status(next, error).type();
    const bool last = parts.empty();
    const bool passable = type == fs::file_type::directory || type == fs::file_type::symlink;
    if (last || type == fs::file_type::symlink || !passable) {
      folders[here.string()].insert(part.string());
    }
    if (type == fs::file_type::symlink) {
      const fs::path target = fs::read_symlink(next, error);
      if (error || ++links > links_max) return;
      if (target.is_absolute()) here = "/";
      const fs::path rest = target.relative_path();
      parts.insert(parts.begin(), rest.begin(), rest.end());
      continue;
    }
    if (!passable) return;
    here = next;
  }
}

FolderId folder_id(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return {};
  return {static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino)};
}

std::string name_of(const std::string& path) {
  return fs::path(path).filename().string();
}

bool is_blind_to_changes(const std::string& folder) {
  // statfs(2): NFS, SMB, CIFS, SMB2, FUSE, 9p, Ceph, VirtualBox, VMware, Plan 9 of WSL (9p as
  // well).
  static constexpr std::array<std::uint64_t, 9> blind = {0x6969,     0x517B,     0xFF534D42,
                                                         0xFE534D42, 0x65735546, 0x01021997,
                                                         0x00C36400, 0x786F4256, 0xBACBACBC};
  uv_fs_t request;
  if (uv_fs_statfs(nullptr, &request, folder.c_str(), nullptr) != 0) {
    uv_fs_req_cleanup(&request);
    return false;
  }
  const std::uint64_t type = static_cast<uv_statfs_t*>(request.ptr)->f_type & 0xFFFFFFFFU;
  uv_fs_req_cleanup(&request);
  return std::find(blind.begin(), blind.end(), type) != blind.end();
}

}  // namespace devproxy
