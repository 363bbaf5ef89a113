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

#include "base/loop.h"
#include "cli/control_calls.h"
#include "cli/failure.h"
#include "cli/local_proxy.h"
#include "cli/recent_requests.h"
#include "cli/signals.h"
#include "control/proxy_lock.h"

namespace devproxy {

class SharedProxy final {
 public:
  static constexpr std::chrono::milliseconds usual_linger{30'000};
  /// For whoever started it to attach.
  static constexpr std::chrono::milliseconds first_linger{10'000};
  static constexpr std::chrono::milliseconds drain_limit{10'000};
  /// For projects that are asked to end: longer than their services may take.
  static constexpr std::chrono::milliseconds stop_limit{15'000};

  /// `lock`: that this is the one. `linger`: how long it stays without a project.
  SharedProxy(Loop& loop, ProxyLock lock, std::chrono::milliseconds linger);
  ~SharedProxy();
  SharedProxy(const SharedProxy&) = delete;
  SharedProxy& operator=(const SharedProxy&) = delete;

  tl::expected<void, Failure> start();

 private:
  void make_proxy();
  RunningProxy facts() const;
  void on_projects();
  void on_signal(int signal);
  void stop_all();
  void end();

  Loop& loop_;
  std::optional<ProxyLock> lock_;
  std::chrono::milliseconds linger_;
  RecentRequests recent_;
  std::unique_ptr<LocalProxy> proxy_;
  std::unique_ptr<ControlCalls> calls_;
  std::unique_ptr<Signals> signals_;
  Timer lonely_;
  Timer stop_;
  std::int64_t since_ = 0;
  bool stopping_ = false;  ///< the projects are asked to end
  bool ending_ = false;
};

}  // namespace devproxy
