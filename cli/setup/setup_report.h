// What `setup` tells: people a plan before the question and a table after it, programs one object.
// Pure functions; any thread.
#pragma once

#include <string>

#include "cli/setup/setup_run.h"

namespace devproxy {

struct SetupReport {
  const SetupRun& run;
  bool undo = false;
  bool dry_run = false;
  bool left = false;  ///< the commands were not run
  std::string home;
  std::string host;  ///< an URL of the project here would have it; empty: there is no project
};

/// Why, what it means, the files and the commands.
std::string setup_plan_text(const SetupReport& report);
/// What became of it.
std::string setup_text(const SetupReport& report);
/// "devproxy.setup/v1"
std::string setup_form(const SetupReport& report);

}  // namespace devproxy
