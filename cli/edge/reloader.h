// A Reloader makes the next configuration off the loop: it reads the file again, or takes one that
// was in force before. One at a time: the next begins when what came of this one is in force or
// refused. Loop thread; owned by Edge.
#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/loop.h"
#include "cli/reporters/reporter.h"
#include "cli/running/history.h"
#include "cli/terminal/failure.h"
#include "config/load.h"
#include "router/route_table.h"

namespace devproxy {

/// A generation that is to be in force again.
struct Restoring {
  std::uint64_t generation = 0;
  std::shared_ptr<const Config> config;
  /// Whoever asked; or empty.
  std::function<void(const tl::expected<ReloadReport, Failure>&)> told;
};

struct Loaded {
  LoadOutcome outcome;
  std::shared_ptr<const RouteTable> table;  ///< null when the outcome has problems
  std::vector<std::string> changes;         ///< of the routes, in words
  std::chrono::steady_clock::time_point began;
  Cause cause = Cause::file;
  std::shared_ptr<const Restoring> restoring;  ///< null: the file was read
};

class Reloader final {
 public:
  /// `loaded` is called on the loop; not any more once the Reloader is gone.
  Reloader(Loop& loop, LoadRequest request, std::function<void(Loaded)> loaded);
  /// Completes a configuration that was loaded, off the loop: the ports of services. What it
  /// returns is wrong with it.
  void set_completion(std::function<Problems(Config&)> complete) {
    complete_ = std::make_shared<const std::function<Problems(Config&)>>(std::move(complete));
  }
  /// What a load is compared with: the table that is in force.
  void set_current(std::shared_ptr<const RouteTable> table) { current_ = std::move(table); }
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  void reload(Cause cause);
  void restore(Cause cause, Restoring what);
  /// What was loaded last is in force, or refused.
  void go_on();

 private:
  struct Job {
    Cause cause = Cause::file;
    std::shared_ptr<const Restoring> restoring;
  };

  void start(Job job);
  void finish(Loaded loaded);

  Loop& loop_;
  std::shared_ptr<const LoadRequest> request_;
  std::function<void(Loaded)> loaded_;
  std::shared_ptr<const std::function<Problems(Config&)>> complete_;
  std::shared_ptr<const RouteTable> current_;
  bool busy_ = false;
  std::deque<Job> waiting_;
  std::shared_ptr<Reloader*> alive_;  ///< for the work that may outlive us
};

}  // namespace devproxy
