// A Reloader reads the configuration again off the loop: one load at a time, and another one after
// it when something changed meanwhile. Loop thread; owned by Edge.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/loop.h"
#include "config/load.h"
#include "router/route_table.h"

namespace devproxy {

struct Loaded {
  LoadOutcome outcome;
  std::shared_ptr<const RouteTable> table;  ///< null when the outcome has problems
  std::vector<std::string> changes;         ///< of the routes, in words
  std::chrono::steady_clock::time_point began;
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

  void reload();

 private:
  void finish(Loaded loaded);

  Loop& loop_;
  std::shared_ptr<const LoadRequest> request_;
  std::function<void(Loaded)> loaded_;
  std::shared_ptr<const std::function<Problems(Config&)>> complete_;
  std::shared_ptr<const RouteTable> current_;
  bool loading_ = false;
  bool again_ = false;
  std::shared_ptr<Reloader*> alive_;  ///< for the work that may outlive us
};

}  // namespace devproxy
