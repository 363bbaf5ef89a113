#include "cli/attach/take_over.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/running/start_proxy.h"
#include "config/versions.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds older_patience{1'000};
constexpr std::chrono::milliseconds look_again{1};

/// The older one lets go of it right after its answer.
std::optional<ProxyLock> wait_for_lock(const Dirs& dirs) {
  const auto give_up = std::chrono::steady_clock::now() + older_patience;
  for (;;) {
    auto lock = ProxyLock::take(dirs.runtime);
    if (lock && *lock) return std::move(*lock);
    if (!lock || std::chrono::steady_clock::now() >= give_up) return std::nullopt;
    std::this_thread::sleep_for(look_again);
  }
}

std::vector<InheritedSocket> describe(const std::vector<int>& descriptors) {
  std::vector<InheritedSocket> sockets;
  for (const int descriptor : descriptors) {
    auto socket = describe_inherited(descriptor);
    if (socket) {
      sockets.push_back(std::move(*socket));
    } else {
      ::close(descriptor);
    }
  }
  return sockets;
}

}  // namespace

bool is_outdated(const RunningProxy& proxy) {
  return proxy.shared && is_newer(program_version, proxy.version);
}

std::optional<Predecessor> take_over(const Dirs& dirs) {
  auto older = find_shared_proxy(older_patience);
  if (!older || !is_outdated(older->facts)) return std::nullopt;
  std::vector<int> descriptors;
  const ControlCall call{"hand_over",
                         {{"pid", std::to_string(::getpid())}, {"version", program_version}}};
  const auto reply = older->client.ask_with_descriptors(call, older_patience, descriptors);
  auto sockets = describe(descriptors);
  if (!reply || reply->kind != ControlReply::Kind::event) return std::nullopt;
  auto lock = wait_for_lock(dirs);
  if (!lock) return std::nullopt;
  log(LogLevel::info, fmt::format("takes over from devproxy {}, pid {}: {} sockets, {} projects",
                                  escape(older->facts.version), older->facts.pid, sockets.size(),
                                  older->facts.attached.size()));
  Predecessor predecessor{std::move(*lock), std::move(sockets), std::move(older->client), {}};
  for (const AttachedProject& each : older->facts.attached)
    predecessor.processes.push_back(each.process);
  return predecessor;
}

}  // namespace devproxy
