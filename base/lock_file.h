// A file whose whole use is that processes lock it: opened in a private folder, never through a
// link that somebody put there. Any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace devproxy {

/// Makes the folder (make_private_dir) and the file, where they are missing. The descriptor, which
/// is the caller's and closed by exec. Error: denied.
Result<int> open_lock_file(const std::string& folder, const std::string& name);

}  // namespace devproxy
