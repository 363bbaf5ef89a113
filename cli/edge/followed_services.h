// FollowedServices are the services that somebody else starts, as the proxy sees them: rules are
// made from the configuration in force, the proxy learns where they are, the Reporter that they
// moved. Loop thread; owned by Edge, destroyed before the Loop.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "cli/attach/proxy_access.h"
#include "cli/reporters/reporter.h"
#include "cli/running/running_proxy.h"
#include "config/config.h"
#include "proxy/server.h"
#include "services/follower.h"

namespace devproxy {

class FollowedServices final {
 public:
  FollowedServices(Loop& loop, ListenerScan& scan, Reporter& reporter, ProxyTold told);
  FollowedServices(const FollowedServices&) = delete;
  FollowedServices& operator=(const FollowedServices&) = delete;

  /// `config` is in force from now on. What show_followed() found in it was shown already.
  void apply(const Config& config);
  /// One of them refused a connection.
  void hurry() { follower_.hurry(); }

  /// Everything again: there is another proxy.
  void tell_all() const;

  std::vector<FollowedService> states() const;
  /// Nothing when the service is none of them.
  std::optional<ServiceTale> tell_of(std::string_view service) const;

 private:
  void on_moved(const FollowState& state);

  ProxyTold proxy_told_;
  Reporter& reporter_;
  std::map<std::string, FollowTarget, std::less<>> targets_;
  std::map<std::string, std::uint16_t, std::less<>>
      told_;  ///< the port that was shown last; 0: none
  Follower follower_;
};

}  // namespace devproxy
