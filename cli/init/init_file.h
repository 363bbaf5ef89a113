// What `init` writes: the folder's files read, and a commented devproxy.toml made from what they
// say. Main thread.
#pragma once

#include <string>
#include <vector>

#include "cli/init/findings.h"

namespace devproxy {

struct Scan {
  std::string project;
  std::vector<Finding> findings;   ///< names unique, every port once; the main one first
  std::vector<std::string> files;  ///< that were found and read
  bool has_schema = false;         ///< devproxy.schema.json is here, for editors
};

/// Looks at package.json (here and one folder down), Procfile and compose file; without any of
/// these at Cargo.toml, go.mod, manage.py, pyproject.toml and requirements.txt.
Scan scan_folder(const std::string& folder);

/// The text of devproxy.toml: valid as it stands.
std::string init_file(const Scan& scan);

/// The host of a finding's URL, an element of `scan`: the main one gets the project's own name.
std::string host_of(const Scan& scan, const Finding& finding);

}  // namespace devproxy
