// load() reads a project's configuration: the search upwards, the layers, the strings, the checks.
// It touches files and the given environment only, so it runs on any thread (reloads run it off the
// loop).
#pragma once

#include <tl/expected.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/problem.h"

namespace devproxy {

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

struct LoadRequest {
  std::string working_directory;    ///< where the search upwards begins; absolute
  std::optional<std::string> file;  ///< --config or DEVPROXY_CONFIG: no search
  Environment environment;
  /// What is listened on besides 6289 where no file says `listen`, each a default; asked at every
  /// load. Empty: nothing.
  std::function<std::vector<ListenAddress>()> more_listeners = nullptr;
};

struct LoadOutcome {
  tl::expected<Config, Problems> result;
  /// Every file that was read or looked for (main, local, includes, .env, certificates and their
  /// keys): what a watcher watches. Absolute. Filled also when there are problems.
  std::vector<std::string> files;
};

LoadOutcome load(const LoadRequest& request);

}  // namespace devproxy
