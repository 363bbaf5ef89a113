#include "cli/find_proxy.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/project.h"
#include "control/sockets.h"

namespace devproxy {
namespace {

/// A proxy that answers at all answers at once.
constexpr std::chrono::milliseconds patience{2'000};

}  // namespace

std::vector<FoundProxy> find_proxies() {
  std::vector<FoundProxy> found;
  const auto dirs = find_dirs();
  if (!dirs) return found;
  for (const ControlSocket& socket : connect_to_proxies(dirs->runtime)) {
    ControlClient client(socket.descriptor);
    const auto reply = client.ask({"status", {}}, patience);
    if (!reply || reply->kind != ControlReply::Kind::answer) continue;
    auto facts = read_running_proxy(reply->json);
    if (facts) found.push_back({std::move(*facts), std::move(client)});
  }
  return found;
}

std::optional<FoundProxy> find_proxy_of(const std::string& file) {
  for (FoundProxy& proxy : find_proxies()) {
    if (proxy.facts.file == file) return std::move(proxy);
  }
  return std::nullopt;
}

Failure not_running(const std::string& file) {
  return {ExitCode::not_running,
          "proxy.not_running",
          fmt::format("no devproxy is running with {}", escape(shown_path(file))),
          "start it with: devproxy up",
          {}};
}

}  // namespace devproxy
