// Fallbacks: what a checkout beside the main one was not asked to run (`up web`), the main one
// answers, where the same proxy carries both. Pure; any thread.
#pragma once

#include <vector>

#include "cli/attach/merged_projects.h"
#include "cli/running/running_proxy.h"
#include "config/config.h"

namespace devproxy {

/// The services of `project`, one of `projects` or not, that its main checkout answers for.
std::vector<Fallback> fallbacks_of(const Config& project,
                                   const std::vector<CarriedProject>& projects);

/// Which of `projects` is the main checkout of `project`; null: none, or it is that itself.
const CarriedProject* main_checkout_of(const Config& project,
                                       const std::vector<CarriedProject>& projects);

}  // namespace devproxy
