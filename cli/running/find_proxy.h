// How commands find the devproxy that runs: every control socket of this user is asked for its
// status. Blocks shortly; main thread.
#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line/invocation.h"
#include "cli/running/running_proxy.h"
#include "cli/terminal/failure.h"
#include "control/control_client.h"

namespace devproxy {

struct FoundProxy {
  RunningProxy facts;
  ControlClient client;
};

inline constexpr std::chrono::milliseconds usual_patience{5'000};
/// For what reads a file, which may lie on a slow disk, before it answers.
inline constexpr std::chrono::milliseconds reload_patience{30'000};
/// For answers that are not bounded: a service is ready (a compiler may run), a log ends.
inline constexpr std::chrono::milliseconds no_limit{0};

/// Those that answer within `patience`, the shared one first, then the oldest; never this process,
/// which cannot answer while it asks. `silent`: gets the sockets of those that do not.
std::vector<FoundProxy> find_proxies(std::chrono::milliseconds patience = usual_patience,
                                     std::vector<std::string>* silent = nullptr);
/// The one that serves this devproxy.toml (an absolute path).
std::optional<FoundProxy> find_proxy_of(const std::string& file);

/// The answer to a call; why there is none as the command's own failure.
tl::expected<std::string, Failure> ask(FoundProxy& proxy, const ControlCall& call,
                                       std::chrono::milliseconds limit,
                                       const ControlClient::OnEvent& on_event = {});

/// The one of the project that a command was called for, also while its file has problems.
tl::expected<FoundProxy, Failure> find_proxy_of(const Invocation& invocation);

/// For commands that cannot work without it.
Failure not_running(const std::string& file);

}  // namespace devproxy
