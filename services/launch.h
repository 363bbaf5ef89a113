// How a service is launched: its command with placeholders filled, and the environment that it and
// its peers are told about in (product section 6). Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "services/adapter.h"
#include "services/service_plan.h"

namespace devproxy {

/// What a launch needs to know besides the service's own keys. All ports are assigned.
struct LaunchScene {
  const Config& config;
  std::vector<std::string> environment;  ///< ours: "NAME=value"
  std::string run;                       ///< the mark of this devproxy
  std::string worktree;
  std::string ca;  ///< path of the local CA's certificate; empty: there is none
  std::function<std::string(const std::string& service)> public_url;  ///< empty: it has no route
  ReadScript read_script;
};

/// `command` is the target of `service`. What adapt() finds is added.
Launch make_launch(const Service& service, const CommandTarget& command, const LaunchScene& scene);

/// Ours, then what devproxy sets, then the service's own: later wins. "NAME=value", sorted.
std::vector<std::string> make_environment(const Service& service, const Launch& launch,
                                          const LaunchScene& scene);

/// "my-api" -> "MY_API".
std::string variable_prefix(std::string_view service);

/// The port of a service that has one on loopback, or in its url.
std::optional<std::uint16_t> direct_port(const Target& target);
/// "http://127.0.0.1:4001"; empty for what has no address.
std::string direct_url(const Target& target);

}  // namespace devproxy
