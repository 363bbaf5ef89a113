#include "cli/doctor/folders.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace devproxy {
namespace {

using Trouble = FolderFacts::Trouble;

bool is_folder(const std::string& path) {
  struct stat there {};
  return stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode);
}

/// Of a folder that is not made yet, the one in which it would be.
std::string nearest(const std::string& path) {
  std::filesystem::path folder(path);
  while (folder.has_relative_path() && !is_folder(folder)) folder = folder.parent_path();
  return folder;
}

bool is_full(const std::string& folder) {
  struct statvfs room {};
  if (statvfs(folder.c_str(), &room) != 0) return false;
  // Some file systems count no inodes.
  return room.f_bavail == 0 || (room.f_files > 0 && room.f_favail == 0);
}

FolderFacts look_at(std::string path, const char* holds, const char* variable) {
  FolderFacts facts{std::move(path), holds, variable, Trouble::none, "", ""};
  facts.where = nearest(facts.path);
  if (facts.where == facts.path) {
    // There already, so this only looks.
    if (const auto usable = make_private_dir(facts.path); !usable) {
      facts.trouble = Trouble::unusable;
      facts.why = usable.error().detail;
      return facts;
    }
  }
  if (access(facts.where.c_str(), W_OK | X_OK) != 0) {
    facts.trouble = Trouble::unwritable;
    facts.why = lower(std::generic_category().message(errno));
  } else if (is_full(facts.where)) {
    facts.trouble = Trouble::full;
  }
  return facts;
}

std::string mend_of(const FolderFacts& facts) {
  if (facts.trouble == Trouble::full)
    return fmt::format("free some: df -h {0}; df -i {0}", escape_own(facts.where));
  return fmt::format("ls -ld {} says whose it is; make it yours, or set {} to a folder that is",
                     escape_own(facts.where), facts.variable);
}

}  // namespace

std::vector<FolderFacts> folder_facts(const Dirs& dirs) {
  return {look_at(dirs.runtime, "its control sockets", "XDG_RUNTIME_DIR"),
          look_at(dirs.state, "its CA and the ports of services", "XDG_STATE_HOME")};
}

Diagnoses check_folders(const std::vector<FolderFacts>& facts) {
  Diagnoses found;
  for (const FolderFacts& folder : facts) {
    switch (folder.trouble) {
      case Trouble::none:
        break;
      case Trouble::unusable:
        found.push_back({Health::problem, "folders", "folders.unusable", escape_own(folder.why),
                         "devproxy doctor, when that is done"});
        break;
      case Trouble::unwritable:
        found.push_back({Health::problem, "folders", "folders.unwritable",
                         fmt::format("{}, where devproxy keeps {}, cannot be written ({})",
                                     escape_own(folder.path), folder.holds, folder.why),
                         mend_of(folder)});
        break;
      case Trouble::full:
        found.push_back({Health::problem, "folders", "folders.full",
                         fmt::format("there is no room left for {}, where devproxy keeps {}",
                                     escape_own(folder.path), folder.holds),
                         mend_of(folder)});
        break;
    }
  }
  if (found.empty())
    found.push_back(
        {Health::ok, "folders", "folders.fine", "devproxy can write what it keeps", ""});
  return found;
}

}  // namespace devproxy
