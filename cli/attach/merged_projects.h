// What one proxy does for several projects: their routes, services, TCP ports and listeners as one
// Config. Where projects disagree about what can only be one way for all, the stricter holds; what
// a linked checkout leaves out, the main one answers (fallbacks.h). Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace devproxy {

struct CarriedProject {
  std::string label;               ///< stands before the names of its services; empty: before none
  const Config* config = nullptr;  ///< never null
  bool forces = false;  ///< what it claims is its own, whoever claims it too; the last one wins
};

/// `with_listeners`: they listen where any of them wants to; else where the first one does, whose
/// settings hold.
Config merge_projects(const std::vector<CarriedProject>& projects, bool with_listeners);

/// The same but for the port that the system chose.
bool same_listener(const ListenAddress& a, const ListenAddress& b);

}  // namespace devproxy
