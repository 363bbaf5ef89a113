// ControlCalls answers what other commands ask of a running devproxy: its control socket, and the
// calls that it knows (docs/control.md). Loop thread; owned by Edge, destroyed before the Loop.
#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "cli/reporters/reporter.h"
#include "cli/running/running_proxy.h"
#include "cli/terminal/failure.h"
#include "control/control_server.h"
#include "services/log_tail.h"

namespace devproxy {

class ControlCalls final {
 public:
  /// What is asked of the rest of the program.
  struct Proxy {
    std::function<RunningProxy()> facts;
    std::function<bool()> reload;  ///< false: there is no file
    /// Of this project's configuration; empty functions: there is no project.
    std::function<std::string()> history;
    std::function<void(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange)>
        roll_back;
    std::function<std::string()> project;  ///< what is in force, as project_form() has it
    std::function<bool(const std::string& service)> restart;  ///< false: it is not run here
    std::function<std::vector<LoggedLine>(const std::vector<std::string>& services,
                                          std::size_t count)>
        last_logged;
    /// Another process brings its project. False: we are attached ourselves.
    std::function<bool(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange)>
        attach;
    /// A newer program asks for our place. False: we are no proxy of all projects.
    std::function<bool(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange)>
        hand_over;
    std::function<std::string(const ControlCall& call)> requests;  ///< the whole answer
    std::function<void()> stop;  ///< as if SIGTERM had asked for it; not before the next turn
  };

  ControlCalls(Loop& loop, Proxy proxy);
  ~ControlCalls();
  ControlCalls(const ControlCalls&) = delete;
  ControlCalls& operator=(const ControlCalls&) = delete;

  /// Makes the socket. An error is no reason not to proxy.
  Result<void> open();

  /// A reload that began then has ended: whoever asked for one before is told. With a failure it
  /// changed nothing.
  using Clock = std::chrono::steady_clock;
  void reloaded(Clock::time_point began, const tl::expected<ReloadReport, Failure>& outcome);
  void service_state(const ServiceNews& news);
  void service_line(std::string_view service, std::string_view line);

 private:
  using ExchangePtr = std::shared_ptr<ControlExchange>;
  struct Reload {
    ExchangePtr exchange;
    Clock::time_point asked;
  };
  struct Restart {
    ExchangePtr exchange;
    std::string service;
    bool started = false;  ///< what it says from now on is about the new start
  };
  struct Follower {
    ExchangePtr exchange;
    std::string service;  ///< empty: all
  };

  void handle(const ControlCall& call, const ExchangePtr& exchange);
  bool handle_history(const ControlCall& call, const ExchangePtr& exchange);
  void reload(const ExchangePtr& exchange);
  void restart(const ControlCall& call, const ExchangePtr& exchange);
  void logs(const ControlCall& call, const ExchangePtr& exchange);

  Proxy proxy_;
  ControlServer server_;
  std::vector<Reload> reloads_;
  std::vector<Restart> restarts_;
  std::vector<Follower> followers_;
};

}  // namespace devproxy
