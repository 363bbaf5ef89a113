// What a running project routes by, where that is not what its file says: `devproxy rollback` asked
// for something else, its last reload was refused, or services are elsewhere. For commands that
// show routes and services. Blocks shortly; main thread.
#pragma once

#include <optional>
#include <string>

#include "cli/running/find_proxy.h"
#include "config/config.h"

namespace devproxy {

/// Nothing: the file counts, or it does not answer.
std::optional<Config> config_in_force(FoundProxy& found);

/// "runs generation 2 of 11:05, not the file: …"; empty: it runs what the file says.
std::string rolled_back_text(const RunningProxy& proxy);

/// What only the running devproxy of this file knows: where its commands listen.
void show_running(Config& config, const RunningProxy& proxy);

}  // namespace devproxy
