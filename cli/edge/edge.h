// Edge is the composition root of a running devproxy: a project (its file and its services) and the
// proxy that carries its routes, its own or that of another devproxy. It puts together ProxyAccess,
// OwnServices, ConfigWatcher, Reloader, ControlCalls and Signals, and says what happens when one of
// them has news. Loop thread; owned by its command, destroyed before the Loop.
#pragma once

#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/inherited_sockets.h"
#include "base/loop.h"
#include "base/service_notice.h"
#include "cli/attach/nearby_listeners.h"
#include "cli/attach/proxy_access.h"
#include "cli/edge/control_calls.h"
#include "cli/edge/followed_services.h"
#include "cli/edge/own_services.h"
#include "cli/edge/proxy_changes.h"
#include "cli/edge/reloader.h"
#include "cli/reporters/reporter.h"
#include "cli/running/find_proxy.h"
#include "cli/running/history.h"
#include "cli/running/recent_requests.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/signals.h"
#include "config/load.h"
#include "config/watcher.h"

namespace devproxy {

class LocalProxy;

struct EdgeOptions {
  /// It is carried by the proxy of all projects, or by a devproxy that listens where we want to;
  /// else by one of its own.
  bool shares_proxy = false;
  bool force = false;    ///< what another project claims too is ours
  bool has_file = true;  ///< else nothing is watched or loaded again
  OwnServicesOptions services;
  std::vector<std::string> only;  ///< these services and what they depend on; empty: all are run
  std::vector<InheritedSocket> inherited;  ///< for a proxy of our own
  ServiceNotice notice;                    ///< to whoever supervises us
};

class Edge final {
 public:
  static constexpr std::chrono::seconds drain_limit{10};

  Edge(Loop& loop, LoadRequest request, Reporter& reporter, EdgeOptions options);
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  /// Begins to listen, or attaches, then starts the services that have a command. `files` are
  /// watched from then on.
  tl::expected<void, Failure> start(Config& config, std::vector<std::string> files);
  /// As if a signal had asked for it; 0: none did, and nothing is said.
  void stop(int signal);

  /// Called when a second signal asks for the end at once; must not return.
  std::function<void(int exit_code)> on_impatience;
  /// Besides the Reporter.
  std::function<void(const ServiceNews& news)> on_service;

 private:
  void handle_signal(int signal);
  struct Taking;
  void take_over(Loaded loaded);
  void taken(Taking taking, const tl::expected<void, Failure>& outcome);
  ReloadReport remember(Taking& taking);
  void refuse(const Loaded& loaded, Failure failure);
  void roll_back(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange);
  static void set_log(LogSetting setting);
  tl::expected<void, Failure> find_proxy();
  tl::expected<void, Failure> listen();
  tl::expected<void, Failure> attach();
  tl::expected<bool, Failure> try_to_attach();
  bool awaits_newer(const FoundProxy& found);
  void find_another_proxy();
  void on_exchange(const ExchangeRecord& record);
  void make_services();
  ProxyTold proxy_told();
  void on_refused(std::uint16_t port);
  void make_calls();
  void end_as_asked();
  void note_fallbacks();
  void reload(Cause cause);
  bool start_left_out(const std::string& service);
  RunningProxy facts() const;

  Loop& loop_;
  Reporter& reporter_;
  EdgeOptions options_;
  RecentRequests recent_;  ///< told by the proxy, to its very end
  NearbyListeners nearby_;
  std::unique_ptr<ProxyAccess> proxy_;
  LocalProxy* local_ = nullptr;     ///< proxy_, when it is our own
  std::shared_ptr<PortBook> book_;  ///< shared with a reload that may outlive us
  Reloader reloader_;
  History history_;
  std::shared_ptr<const Config> config_;  ///< in force
  std::shared_ptr<const RouteTable> table_;
  std::string state_dir_;
  std::vector<Fallback> fallbacks_;  ///< as they were said last
  std::unique_ptr<ConfigWatcher> watcher_;
  ListenerScan listeners_;  ///< one for all who look for processes
  std::unique_ptr<OwnServices> services_;
  std::unique_ptr<FollowedServices> followed_;
  std::unique_ptr<ControlCalls> calls_;
  std::unique_ptr<Signals> signals_;
  std::int64_t since_ = 0;
  std::string invalid_file_;  ///< why the last reload changed nothing
  Timer another_proxy_;
  Timer stop_;
  std::chrono::steady_clock::time_point start_again_;  ///< until then a shared proxy that was
                                                       ///< started is waited for
  std::optional<std::chrono::steady_clock::time_point>
      older_until_;                ///< an older proxy is to be replaced by then
  bool is_first_ = true;           ///< no proxy was found yet
  std::string invalid_proxy_;      ///< why none carries us, as it was said; empty: one does
  bool reports_requests_ = false;  ///< decided at the start: without it nothing is measured
  bool stopping_ = false;
};

}  // namespace devproxy
