// A ServiceRun runs one service: starts its program, waits until it answers, starts it again when
// it ends, stops its whole tree. It decides nothing about other services: that is Supervisor's
// work, which owns it. Loop thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "services/back_off.h"
#include "services/child.h"
#include "services/follow_match.h"
#include "services/guard.h"
#include "services/listener_scan.h"
#include "services/log_file.h"
#include "services/process_tree.h"
#include "services/readying.h"
#include "services/service_news.h"
#include "services/service_plan.h"

namespace devproxy {

/// What all runs of a Supervisor share.
struct RunScene {
  Loop& loop;
  ServiceWatcher& watcher;
  Guard guard;
  std::string program;                           ///< that knows __exec and __guard
  std::string run;                               ///< the mark of this devproxy
  std::string log_folder;                        ///< empty: output is not kept
  std::optional<unsigned long long> file_limit;  ///< to be given back to programs
  std::optional<TerminalSize> terminal;
  bool inherits = false;              ///< programs have our stdin, stdout and stderr
  ListenerScan* listeners = nullptr;  ///< null: nobody looks for programs on other ports
};

class ServiceRun final {
 public:
  static constexpr std::size_t lines_kept = 20;
  static constexpr std::chrono::milliseconds slow_start{30'000};
  /// How long another port than the given one must be all that it listens on, before that is where
  /// it is: some open a port for something else first, mostly one that the system chose.
  static constexpr std::uint64_t adopt_ms = 750;
  static constexpr std::uint64_t adopt_random_ms = 2'500;
  /// How long it is looked for after somebody found it gone.
  static constexpr std::uint64_t seek_ms = 5'000;

  /// `changed` is called after every change of state; never from within start(), stop() or kill().
  ServiceRun(RunScene& scene, ServicePlan plan, std::function<void()> changed);
  ~ServiceRun();
  ServiceRun(const ServiceRun&) = delete;
  ServiceRun& operator=(const ServiceRun&) = delete;

  const ServicePlan& plan() const { return plan_; }
  /// Only while is_idle(), or when what shapes the process is the same.
  void set_plan(ServicePlan plan) { plan_ = std::move(plan); }

  ServiceState state() const { return state_; }
  /// Nothing of it runs, and it will not start by itself.
  bool is_idle() const;
  /// Its program ended with code 0 and is not to be started again: dependents may go on.
  bool is_completed() const { return state_ == ServiceState::stopped && completed_; }
  const std::string& detail() const { return detail_; }
  const std::deque<std::string>& last_lines() const { return last_lines_; }
  /// Of its program; 0: it does not run.
  pid_t pid() const;
  /// It starts again by itself, after the end that state() tells.
  bool will_restart() const { return again_.pending() && !tree_; }
  void flush_log();
  /// Where it listens instead of on the port that it was given; none: there, or not found.
  const std::optional<Found>& elsewhere() const { return elsewhere_; }
  /// Nobody listens where it should be.
  void seek();
  /// Whoever asks for a start by hand has mended something.
  void forget_failures() { back_off_.reset(); }

  void start();
  void wait_for(const std::string& others);
  /// Nothing happens when it is idle.
  void stop();
  /// At once, without waiting: for the end of this process.
  void kill();
  void resize(TerminalSize size);

 private:
  void on_line(std::string_view line);
  void on_ready();
  void await_ready(std::uint16_t port);
  void look_for_port();
  void settle(std::optional<Found> elsewhere);
  void on_end(const ChildEnd& end);
  void watch_remains();
  void end_remains();
  void look_at_remains();
  void finish(const std::string& what, bool success);
  void fail_to_start(const Error& error);
  void enter(ServiceState state, std::string detail,
             std::optional<std::chrono::milliseconds> again_in = std::nullopt);
  std::chrono::milliseconds age() const;

  RunScene& scene_;
  ServicePlan plan_;
  std::function<void()> changed_;
  ServiceState state_ = ServiceState::stopped;
  std::string detail_;
  std::unique_ptr<Child> child_;
  std::unique_ptr<ProcessTree> tree_;  ///< null: nothing runs
  std::unique_ptr<Readying> readying_;
  std::unique_ptr<LogFile> log_;
  std::deque<std::string> last_lines_;
  std::optional<ChildEnd> end_;
  BackOff back_off_;
  Timer again_;  ///< the next start; or that a start takes long
  Timer look_;   ///< what is left of the tree
  Timer tell_;   ///< changed_, in a turn of its own
  std::unique_ptr<ListenerScan::Interest> interest_;  ///< while its place is not certain
  std::optional<Found> elsewhere_;
  Timer adopt_;
  Timer seek_;  ///< the end of a search
  std::uint64_t look_interval_ = 0;
  std::uint64_t began_ = 0;       ///< the start of the program
  std::uint64_t kill_at_ = 0;     ///< ending the tree: when patience ends
  std::uint64_t give_up_at_ = 0;  ///< and when hope does
  bool ending_ = false;           ///< the tree is being ended
  bool stop_asked_ = false;
  bool completed_ = false;
};

}  // namespace devproxy
