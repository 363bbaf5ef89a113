// The folders in which devproxy keeps what it knows: whether it may write there, and whether there
// is room. Gathering makes nothing; the check is pure. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/dirs.h"
#include "cli/doctor/diagnosis.h"

namespace devproxy {

struct FolderFacts {
  enum class Trouble : std::uint8_t {
    none,
    unwritable,
    full,
    unusable,  ///< somebody else's, a link, open to others: `why` has the next step too
  };
  std::string path;
  std::string holds;     ///< "its control sockets"
  std::string variable;  ///< that says where it is
  Trouble trouble = Trouble::none;
  std::string why;    ///< in the system's words; empty when there is no trouble
  std::string where;  ///< the folder or parent that it is about
};

std::vector<FolderFacts> folder_facts(const Dirs& dirs);
Diagnoses check_folders(const std::vector<FolderFacts>& facts);

}  // namespace devproxy
