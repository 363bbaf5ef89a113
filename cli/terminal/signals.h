// Signals tells the loop about SIGINT, SIGTERM, SIGHUP and SIGWINCH. Loop thread; owned by Edge,
// destroyed before the Loop.
#pragma once

#include <array>
#include <functional>

#include "base/handle.h"
#include "base/loop.h"

namespace devproxy {

class Signals final {
 public:
  Signals(Loop& loop, std::function<void(int signal)> on_signal);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Whether a SIGHUP means that the user left: there was a controlling terminal, it is gone, and
  /// nobody asked us to outlive it (nohup).
  bool terminal_is_gone() const;

 private:
  Loop& loop_;
  std::function<void(int)> on_signal_;
  bool follows_terminal_;
  std::array<Handle<uv_signal_t>, 4> handles_;
};

}  // namespace devproxy
