// A ForegroundJob lends our terminal to a program that has our stdin, as shells do: its process
// group is the one in front, so that keys, /dev/tty and changes of the size are its own. When it is
// stopped (Ctrl-Z) so are we, for our shell to notice; when we go on it does. Loop thread; owned by
// Child.
#pragma once

#include <sys/types.h>
#include <termios.h>
#include <uv.h>

#include <array>
#include <optional>

#include "base/handle.h"
#include "base/loop.h"

namespace devproxy {

class ForegroundJob final {
 public:
  /// Whether stdin is a terminal in whose foreground we are.
  static bool is_possible();
  /// In the program, before exec: it takes the terminal.
  static void take_terminal();

  /// `leader` is the program, and its process group.
  ForegroundJob(Loop& loop, pid_t leader);
  /// Takes the terminal back.
  ~ForegroundJob();
  ForegroundJob(const ForegroundJob&) = delete;
  ForegroundJob& operator=(const ForegroundJob&) = delete;

 private:
  void on_signal(int signal);
  void stop_too();
  void go_on();

  Loop& loop_;
  pid_t leader_;
  std::optional<termios> modes_;  ///< as it had the terminal when it was stopped
  std::array<Handle<uv_signal_t>, 2> signals_;
};

}  // namespace devproxy
