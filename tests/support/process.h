// A Process is a real program run by a test: what it printed so far, signals to it, its exit. Its
// output is read by one thread and its end awaited by another, both joined by the destructor, which
// kills the program if it still runs.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/wait.h"

namespace devproxy {

struct Command {
  std::vector<std::string> arguments;  ///< the first is the program, with its path
  std::string folder;                  ///< working directory; empty: ours
  /// The whole environment besides PATH, HOME and the sanitizers' options, which come from ours.
  std::vector<std::pair<std::string, std::string>> environment;
  std::optional<std::size_t> descriptors;  ///< RLIMIT_NOFILE, soft and hard
};

struct Exit {
  int code = -1;  ///< -1: ended by a signal
  int signal = 0;
};

class Process final {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool is_running() const;
  /// Does nothing when it has ended already.
  void signal(int number);

  /// Waits for a whole line of standard output (or error) that satisfies `wanted`, beginning at the
  /// `from`-th line, and returns its text. Lines count from 0.
  using Wanted = std::function<bool(const std::string& line)>;
  std::string wait_for_line(const Wanted& wanted, std::size_t from = 0,
                            WaitLimit deadline = WaitLimit());
  std::string wait_for_error_line(const Wanted& wanted, std::size_t from = 0,
                                  WaitLimit deadline = WaitLimit());
  /// How many whole lines of standard output and of standard error there are.
  std::size_t lines() const;
  std::size_t error_lines() const;

  std::string output() const;
  std::string errors() const;

  /// Waits for the end of the program and of its output.
  Exit wait(WaitLimit deadline = WaitLimit());

  /// From the system, in bytes; 0 when it has ended.
  std::size_t resident_bytes() const;
  /// User and system time so far.
  std::chrono::milliseconds cpu_time() const;
  std::size_t open_descriptors() const;

 private:
  struct Capture {
    int fd = -1;
    std::string text;
  };

  void read_output();
  void await_end();
  std::string wait_for_line_of(const Capture& capture, const Wanted& wanted, std::size_t from,
                               WaitLimit deadline);
  std::string seen() const;  ///< mutex_ held

  pid_t pid_ = -1;
  std::string name_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Capture out_;
  Capture err_;
  bool output_over_ = false;
  std::optional<Exit> exit_;
  std::thread reader_;
  std::thread waiter_;
};

/// Runs a program to its end.
struct Finished {
  Exit exit;
  std::string output;
  std::string errors;
};
Finished run(const Command& command, WaitLimit deadline = WaitLimit());

}  // namespace devproxy
