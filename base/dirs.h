// Where the program keeps its files: what people write (config), what it remembers (state: the
// local CA), what lives as long as a login (runtime: sockets and locks). Nothing is made until
// make_private_dir() is called. Reads the environment and the file system; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace devproxy {

struct Dirs {
  std::string config;   ///< $XDG_CONFIG_HOME/devproxy, else ~/.config/devproxy
  std::string state;    ///< $XDG_STATE_HOME/devproxy, else ~/.local/state/devproxy
  std::string runtime;  ///< $XDG_RUNTIME_DIR/devproxy, else /tmp/devproxy-<uid>
};

using ReadEnvironment = std::function<std::optional<std::string>(const char* name)>;

/// Fails only when there is no home folder to be found. Relative values are ignored, as the XDG
/// base directory specification asks.
Result<Dirs> find_dirs();
Result<Dirs> find_dirs(const ReadEnvironment& environment);

/// Makes `path` with mode 0700, its parents as they are usual. What is there already must be a
/// folder of this user that nobody else may enter; a symbolic link is refused, since in /tmp
/// anybody could have put it there.
Result<void> make_private_dir(const std::string& path);

}  // namespace devproxy
