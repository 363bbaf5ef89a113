#include "cli/terminal/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace devproxy {
namespace {

bool has_terminal() {
  // Opening fails with ENXIO as soon as the session has lost its terminal.
  const int descriptor = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return false;
  ::close(descriptor);
  return true;
}

/// nohup starts programs with SIGHUP ignored.
bool ignores_hangup() {
  struct sigaction current {};
  return ::sigaction(SIGHUP, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

}  // namespace

Signals::Signals(Loop& loop, std::function<void(int)> on_signal)
    : loop_(loop),
      on_signal_(std::move(on_signal)),
      follows_terminal_(!ignores_hangup() && has_terminal()) {
  constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGWINCH};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    handles_[i].reset(new uv_signal_t);
    uv_signal_init(loop.uv(), handles_[i].get());
    handles_[i]->data = this;
    uv_signal_start(
        handles_[i].get(),
        [](uv_signal_t* handle, int number) {
          auto* self = owner_of<Signals>(handle);
          if (self == nullptr) return;
          const Turn turn = self->loop_.turn();
          self->on_signal_(number);
        },
        numbers[i]);
  }
}

bool Signals::terminal_is_gone() const {
  return follows_terminal_ && !has_terminal();
}

}  // namespace devproxy
