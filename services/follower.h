// The Follower knows where the services are that somebody else started: it asks the scan, pid files
// and container engines, and tells when one is found, moves or is gone. Nothing happens while it
// has no rules. Loop thread; owned by the composition root, destroyed before the scan.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "config/follow.h"
#include "services/containers.h"
#include "services/follow_match.h"
#include "services/listener_scan.h"

namespace devproxy {

struct FollowRule {
  std::string service;
  FollowTarget target;
};

struct FollowState {
  std::string service;
  std::optional<Found> found;
  std::string why_not;  ///< when it is not found, in words
};

class Follower final {
 public:
  static constexpr std::uint64_t ask_hurry_ms = 200;
  static constexpr std::uint64_t ask_missing_ms = 1'000;
  static constexpr std::uint64_t ask_found_ms = 2'000;

  /// `moved` is called when a service is found, is somewhere else, or is gone.
  Follower(Loop& loop, ListenerScan& scan, EngineSockets engines,
           std::function<void(const FollowState& state)> moved);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  /// The rules in force from now on; what stays the same keeps its state.
  void apply(std::vector<FollowRule> rules);
  /// One of them refused a connection: looks at once.
  void hurry();

  std::vector<FollowState> states() const;
  std::optional<FollowState> state(std::string_view service) const;

 private:
  struct Entry {
    FollowRule rule;
    FollowState state;
    std::string dir;  ///< of the rule, without symbolic links
    std::optional<pid_t> pid;
    bool is_new = true;
  };

  void look_first();
  void look(bool changed);
  void ask_engines();
  void on_containers(const Result<std::vector<Container>>& containers);
  void take(Entry& entry, std::optional<Found> found, std::string why_not);

  Loop& loop_;
  ListenerScan& scan_;
  EngineSockets engines_;
  std::function<void(const FollowState&)> moved_;
  std::vector<Entry> entries_;
  std::unique_ptr<ListenerScan::Interest> interest_;  ///< null: no rule is about a process
  Timer ask_;
  std::uint64_t asked_at_ = 0;
  bool asking_ = false;
  std::shared_ptr<Follower*> alive_;  ///< for questions that may outlive us
};

/// The same for commands that print and end: asks the system once. Blocks for some milliseconds,
/// for containers up to a second.
std::vector<FollowState> look_once(const std::vector<FollowRule>& rules,
                                   const EngineSockets& engines);

}  // namespace devproxy
