// Edge is the composition root of a running proxy: Server, OwnServices, ConfigWatcher, Reloader and
// Signals, put together, and what happens when one of them has news. Loop thread; owned by
// run_proxy(), destroyed before the Loop.
#pragma once

#include <tl/expected.hpp>

#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "cli/control_calls.h"
#include "cli/failure.h"
#include "cli/nearby_listeners.h"
#include "cli/own_services.h"
#include "cli/proxy_changes.h"
#include "cli/recent_requests.h"
#include "cli/reloader.h"
#include "cli/reporter.h"
#include "cli/signals.h"
#include "config/load.h"
#include "config/watcher.h"
#include "proxy/server.h"

namespace devproxy {

class Edge final {
 public:
  static constexpr std::chrono::seconds drain_limit{10};

  Edge(Loop& loop, LoadRequest request, Reporter& reporter, OwnServicesOptions services);
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  /// Begins to listen, then starts the services that have a command. `files` are watched from then
  /// on.
  tl::expected<void, Failure> start(Config& config, std::vector<std::string> files);

  /// Called when a second signal asks for the end at once; must not return.
  std::function<void(int exit_code)> on_impatience;

 private:
  void handle_signal(int signal);
  void stop(int signal);
  void take_over(Loaded loaded);
  void take_calls(const Config& config);
  void keep(const Loaded& loaded, Failure failure);

  Loop& loop_;
  Reporter& reporter_;
  RecentRequests recent_;  ///< told by the server, to its very end
  NearbyListeners nearby_;
  std::unique_ptr<Server> server_;
  OwnServicesOptions services_options_;
  std::shared_ptr<PortBook> book_;  ///< shared with a reload that may outlive us
  Reloader reloader_;
  ProxySettings settings_;  ///< in force, to tell what a reload changes
  std::vector<TcpFact> tcp_;
  std::unique_ptr<ConfigWatcher> watcher_;
  std::unique_ptr<OwnServices> services_;
  RunningProxy facts_;  ///< listeners and services are filled in when somebody asks
  std::unique_ptr<ControlCalls> calls_;
  std::unique_ptr<Signals> signals_;
  bool reports_requests_ = false;  ///< decided at the start: without it nothing is measured
  bool stopping_ = false;
};

}  // namespace devproxy
