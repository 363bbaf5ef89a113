// ControlCalls answers what other commands ask of a running proxy: its control socket, and the
// calls that it knows. Loop thread; owned by Edge, destroyed before the Loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "cli/failure.h"
#include "cli/reporter.h"
#include "cli/running_proxy.h"
#include "control/control_server.h"

namespace devproxy {

class ControlCalls final {
 public:
  struct Proxy {
    std::function<RunningProxy()> facts;
    std::function<void()> reload;
  };

  ControlCalls(Loop& loop, Proxy proxy);
  ~ControlCalls();
  ControlCalls(const ControlCalls&) = delete;
  ControlCalls& operator=(const ControlCalls&) = delete;

  /// Makes the socket. An error is no reason not to proxy.
  Result<void> open();

  /// A reload has ended: whoever asked for one is told. Null: it changed nothing, for that reason.
  void reloaded(const ReloadReport* report, const Failure* failure);

 private:
  using ExchangePtr = std::shared_ptr<ControlExchange>;
  void handle(const ControlCall& call, const ExchangePtr& exchange);

  Proxy proxy_;
  ControlServer server_;
  std::vector<ExchangePtr> wait_for_reload_;
};

}  // namespace devproxy
