// A ConfigWatcher tells when the files of a configuration changed: it watches their folders, waits
// until they are quiet, and waits out files that are empty or gone for a moment. One thread (its
// loop's); owned by the composition root.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"

namespace devproxy {

/// How changes are noticed. events: by the system's own, and by polling where there are none (no
/// inotify to be had, a network file system). polling: always by looking twice a second.
enum class Notice { events, polling };

class ConfigWatcher final {
 public:
  /// `changed` is called on the loop, once per settled change of content (not for a touch).
  ConfigWatcher(Loop& loop, std::function<void()> changed, Notice notice = Notice::events);
  ~ConfigWatcher();
  ConfigWatcher(const ConfigWatcher&) = delete;
  ConfigWatcher& operator=(const ConfigWatcher&) = delete;

  /// Replaces the set of files; absolute paths; ones that do not exist yet are waited for.
  void watch(std::vector<std::string> files);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace devproxy
