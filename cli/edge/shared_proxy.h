// SharedProxy is the composition root of the proxy that all projects of a user share: a LocalProxy
// without a project of its own, its control socket and its signals. It ends by itself when nothing
// has been attached for a while. Loop thread; owned by run_shared_proxy(), destroyed before the
// Loop.
#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/loop.h"
#include "cli/attach/local_proxy.h"
#include "cli/attach/take_over.h"
#include "cli/edge/control_calls.h"
#include "cli/running/recent_requests.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/signals.h"

namespace devproxy {

class SharedProxy final {
 public:
  static constexpr std::chrono::milliseconds usual_linger{30'000};
  /// For whoever started it to attach.
  static constexpr std::chrono::milliseconds first_linger{10'000};
  static constexpr std::chrono::milliseconds drain_limit{10'000};
  /// For projects that are asked to end: longer than their services may take.
  static constexpr std::chrono::milliseconds stop_limit{15'000};
  /// For the projects of an older proxy to attach again, before any client is accepted.
  static constexpr std::chrono::milliseconds gather_limit{2'000};
  /// For a newer proxy to say that it is there, after it was handed the sockets.
  static constexpr std::chrono::milliseconds hand_over_limit{2'000};

  /// `linger`: how long it stays without a project.
  SharedProxy(Loop& loop, Predecessor predecessor, std::chrono::milliseconds linger);
  ~SharedProxy();
  SharedProxy(const SharedProxy&) = delete;
  SharedProxy& operator=(const SharedProxy&) = delete;

  tl::expected<void, Failure> start();

 private:
  using ExchangePtr = std::shared_ptr<ControlExchange>;
  void make_proxy();
  bool attach(const ControlCall& call, const ExchangePtr& exchange);
  void admit();
  bool hand_over(const ControlCall& call, const ExchangePtr& exchange);
  RunningProxy facts() const;
  void on_projects();
  void on_signal(int signal);
  void stop_all();
  void end();
  void drain();
  void close_calls();
  void leave();

  Loop& loop_;
  std::optional<ProxyLock> lock_;
  std::vector<InheritedSocket> inherited_;
  std::optional<ControlClient> older_;  ///< until we can be found
  std::vector<std::int64_t> awaited_;   ///< processes of projects that were here before
  std::chrono::milliseconds linger_;
  RecentRequests recent_;
  std::unique_ptr<LocalProxy> proxy_;
  std::unique_ptr<ControlCalls> calls_;
  std::unique_ptr<Signals> signals_;
  LocalProxy::Calls coming_;  ///< those that came while we wait for the others
  Timer gather_;              ///< pending: we do
  Timer lonely_;
  Timer stop_;
  std::int64_t since_ = 0;
  bool stopping_ = false;  ///< the projects are asked to end
  bool ending_ = false;
  bool drained_ = false;
};

/// `devproxy __proxy`, as start_shared_proxy() runs it: leaves whoever started it and serves until
/// nobody needs it. Returns the exit code.
int run_shared_proxy();

}  // namespace devproxy
