// Which of the projects that run here answers a URL, where that is not the one of this folder: one
// proxy carries them all, and --force takes a host from another. Asks over control sockets; blocks
// shortly. Main thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/explain/explanation.h"
#include "cli/running/find_proxy.h"

namespace devproxy {

struct ServingProject {
  FoundProxy proxy;
  Explanation explanation;
};

/// `here` is what the project of this folder would do, null if there is none; `pid` is the devproxy
/// that runs it, 0: none does. Nothing: nobody else answers.
std::optional<ServingProject> serving_project(const ExplainRequest& request,
                                              const Explanation* here, std::int64_t pid);

}  // namespace devproxy
