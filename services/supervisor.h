// The Supervisor runs the services of a project: each after those that it depends on, stopped in
// the opposite order, restarted when a reloaded file changed what shapes its process. Loop thread;
// owned by the composition root, destroyed before the Loop. Whatever still runs when it is
// destroyed is ended by the guard.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "services/log_tail.h"
#include "services/service_run.h"

namespace devproxy {

class Supervisor final {
 public:
  struct Options {
    std::string program;     ///< that knows __exec and __guard: own_program()
    std::string run;         ///< make_run()
    std::string log_folder;  ///< must exist; empty: output is not kept
    std::optional<unsigned long long> file_limit;
    std::optional<TerminalSize> terminal;  ///< programs get a pseudo-terminal
    bool inherits = false;                 ///< programs have our stdin, stdout and stderr
    /// Outlives the Supervisor; null: programs that use another port are not found there.
    ListenerScan* listeners = nullptr;
  };

  Supervisor(Loop& loop, Options options, ServiceWatcher& watcher);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// The services that shall run from now on, in the order of the file. Those that are new or
  /// changed are started, those that are gone are stopped.
  void apply(std::vector<ServicePlan> plans);
  /// Stops the service and starts it again, whatever state it is in. False: it is not run here.
  bool restart(std::string_view service);
  /// Dependents first; `done` is called once, when nothing runs any more. `signal`: that asked for
  /// it, 0 for none; programs that have our terminal get the same one, in place of their own.
  void stop(int signal, std::function<void()> done);
  /// Connections to this port, given to a service, are refused.
  void seek(std::uint16_t port);
  /// SIGKILL for everything, at once: for the end of this process.
  void kill();
  void resize(TerminalSize size);

  struct Status {
    std::string service;
    ServiceState state = ServiceState::stopped;
    bool comes = false;              ///< it answers, or will by itself
    bool completed = false;          ///< its work is done: it ended with code 0 and stays so
    std::string detail;              ///< as in ServiceNews
    std::uint16_t port = 0;          ///< that it was given
    std::optional<Found> elsewhere;  ///< where it listens instead
    pid_t pid = 0;                   ///< 0: it does not run
    std::vector<std::string> last_lines;
  };
  std::optional<Status> status(std::string_view service) const;
  /// Of all that shall run, in the order of the file.
  std::vector<Status> statuses() const;
  /// At most `count` lines of what these printed, the oldest first.
  std::vector<LoggedLine> last_logged(const std::vector<std::string>& services,
                                      std::size_t count) const;

 private:
  struct Entry {
    std::unique_ptr<ServiceRun> run;
    std::optional<ServicePlan> next;  ///< takes the place of its plan once it has stopped
    bool wanted = true;               ///< false: it leaves when it has stopped
    bool begun = false;               ///< its start was asked for
  };

  Entry* find(std::string_view name);
  static Status status_of(const ServiceRun& run);
  void add(ServicePlan plan);
  void change(Entry& entry, ServicePlan plan);
  void step();
  void step_starting(Entry& entry);
  void step_stopping();
  bool is_satisfied(const std::string& service);
  bool is_needed(const Entry& entry) const;

  RunScene scene_;
  std::vector<std::unique_ptr<Entry>> entries_;  ///< in the order of the file
  std::function<void()> stopped_;
  bool stopping_ = false;
};

}  // namespace devproxy
