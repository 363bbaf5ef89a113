// A Child is one start of a program: spawned through the exec shim, its output read line by line,
// its end told once with what it printed last already read. Destroying it ends nothing: that is
// ProcessTree's work. Loop thread; owned by ServiceRun.
#pragma once

#include <sys/types.h>
#include <uv.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/agenda.h"
#include "base/handle.h"
#include "base/loop.h"
#include "base/result.h"
#include "services/foreground_job.h"
#include "services/output_lines.h"

namespace devproxy {

/// How a program ended.
struct ChildEnd {
  int code = 0;    ///< when no signal ended it
  int signal = 0;  ///< 0: it ended by itself
  bool is_success() const { return code == 0 && signal == 0; }
};
/// "exited with code 1", "was ended by SIGKILL".
std::string describe(const ChildEnd& end);

struct TerminalSize {
  unsigned short columns = 0;
  unsigned short rows = 0;
};

struct ChildStart {
  std::string program;  ///< that knows __exec: own_program()
  std::vector<std::string> words;
  std::string dir;
  std::vector<std::string> environment;  ///< "NAME=value"
  std::vector<int> inherited;            ///< sockets that hold its port, until exec
  std::optional<unsigned long long> file_limit;
  std::optional<TerminalSize> terminal;  ///< it gets a pseudo-terminal of this size
  bool inherits = false;  ///< it has our own stdin, stdout and stderr; there are no lines then
};

class Child final {
 public:
  struct Events {
    std::function<void(std::string_view line)> line;  ///< as it was printed, without line end
    std::function<void(const ChildEnd& end)> end;     ///< once; may destroy the Child
  };

  Child(Loop& loop, Events events);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Result<void> start(const ChildStart& start);
  pid_t pid() const { return pid_; }
  void resize(TerminalSize size);

 private:
  struct Output {
    int ours = -1;
    int theirs = -1;
  };
  static Result<Output> make_output(const std::optional<TerminalSize>& terminal);
  Result<void> spawn(const ChildStart& start, int output);
  Result<void> read_from(int descriptor);
  void read_on();
  void on_read(ssize_t count);
  void on_exit(ChildEnd end);
  void tell_end();

  Loop& loop_;
  Events events_;
  Handle<uv_process_t> process_;
  Handle<uv_pipe_t> output_;
  std::array<char, 16384> buffer_{};
  OutputLines lines_;
  Timer more_;        ///< reading goes on after the others had their turn
  Timer last_words_;  ///< descendants may keep the output open for ever
  std::optional<ChildEnd> end_;
  std::unique_ptr<ForegroundJob> job_;  ///< of one that has our terminal
  pid_t pid_ = 0;
  int terminal_ = -1;  ///< the pseudo-terminal's descriptor, owned by output_
};

}  // namespace devproxy
