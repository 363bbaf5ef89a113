#include "services/foreground_job.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>

namespace devproxy {

bool ForegroundJob::is_possible() {
  return ::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

void ForegroundJob::take_terminal() {
  ::setpgid(0, 0);
  // From behind, this would stop us.
  std::signal(SIGTTOU, SIG_IGN);
  ::tcsetpgrp(STDIN_FILENO, ::getpid());
}

ForegroundJob::ForegroundJob(Loop& loop, pid_t leader) : loop_(loop), leader_(leader) {
  std::signal(SIGTTOU, SIG_IGN);
  constexpr std::array<int, 2> wanted{SIGCHLD, SIGCONT};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    signals_[i].reset(new uv_signal_t{});
    uv_signal_init(loop.uv(), signals_[i].get());
    signals_[i]->data = this;
    uv_signal_start(
        signals_[i].get(),
        [](uv_signal_t* handle, int signal) {
          auto* self = owner_of<ForegroundJob>(handle);
          if (self == nullptr) return;
          const Turn turn = self->loop_.turn();
          self->on_signal(signal);
        },
        wanted[i]);
    uv_unref(reinterpret_cast<uv_handle_t*>(signals_[i].get()));
  }
}

ForegroundJob::~ForegroundJob() {
  if (::tcgetpgrp(STDIN_FILENO) == leader_) ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
}

void ForegroundJob::on_signal(int signal) {
  if (signal == SIGCONT) {
    go_on();
    return;
  }
  siginfo_t what{};
  // Ends are libuv's.
  const auto id = static_cast<id_t>(leader_);
  if (::waitid(P_PID, id, &what, WSTOPPED | WNOHANG) == 0 && what.si_pid == leader_) stop_too();
}

void ForegroundJob::stop_too() {
  termios modes{};
  if (::tcgetattr(STDIN_FILENO, &modes) == 0) modes_ = modes;
  ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
  // Returns when somebody lets us go on; at once where no shell is there that could.
  ::kill(0, SIGTSTP);
  go_on();
}

/// In the background (`bg`) it has to do without the terminal.
void ForegroundJob::go_on() {
  if (::tcgetpgrp(STDIN_FILENO) == ::getpgrp()) {
    ::tcsetpgrp(STDIN_FILENO, leader_);
    if (modes_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*modes_);
  }
  ::kill(-leader_, SIGCONT);
}

}  // namespace devproxy
