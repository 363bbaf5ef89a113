// NSS databases, where Chromium and Firefox on Linux look: each is a folder with a cert9.db, and
// NSS's own certutil is the way in. Main thread of a command.
#pragma once

#include <string>

#include "certs/trust_store.h"

namespace devproxy {

struct NssDatabase {
  std::string name;          ///< "Firefox", "Chromium (snap)"
  std::string folder;        ///< holds cert9.db; empty: none was found
  bool may_be_made = false;  ///< when it does not exist yet
  std::string hint;          ///< of one that was not found: what makes it appear
};

/// Every database of this user, and a line for a browser that is here without one.
std::vector<NssDatabase> find_nss_databases(const Surroundings& surroundings);

std::unique_ptr<TrustStore> nss_store(CommandRunner& runner, NssDatabase database);

}  // namespace devproxy
