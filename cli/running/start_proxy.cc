#include "cli/running/start_proxy.h"

#include <sys/wait.h>

#include <cerrno>
#include <string>

#include "base/dirs.h"
#include "cli/running/spawn_self.h"
#include "control/proxy_lock.h"
#include "control/sockets.h"

namespace devproxy {
namespace {

Failure cannot_start(const std::string& why) {
  return {ExitCode::failed,
          "proxy.start",
          "the shared proxy cannot be started: " + why,
          "devproxy serve is a proxy for this project alone, without it",
          {}};
}

}  // namespace

std::optional<FoundProxy> find_shared_proxy(std::chrono::milliseconds patience) {
  const auto dirs = find_dirs();
  if (!dirs) return std::nullopt;
  const auto pid = ProxyLock::holder(dirs->runtime);
  if (!pid) return std::nullopt;
  const int descriptor = connect_to_proxy(dirs->runtime, *pid);
  if (descriptor < 0) return std::nullopt;
  ControlClient client(descriptor);
  const auto reply = client.ask({"status", {}}, patience);
  if (!reply || reply->kind != ControlReply::Kind::answer) return std::nullopt;
  auto facts = read_running_proxy(reply->json);
  if (!facts) return std::nullopt;
  return FoundProxy{std::move(*facts), std::move(client)};
}

tl::expected<void, Failure> start_shared_proxy() {
  const auto dirs = find_dirs();
  if (!dirs) return tl::unexpected(cannot_start(dirs.error().detail));
  if (const auto made = make_private_dir(dirs->state); !made)
    return tl::unexpected(cannot_start(made.error().detail));
  // What would end it at once is told by whoever started it, not by its log.
  if (const auto made = make_private_dir(dirs->runtime); !made)
    return tl::unexpected(cannot_start(made.error().detail));
  if (auto fits = check_control_path(dirs->runtime); !fits)
    return tl::unexpected(cannot_start(fits.error().detail));
  const auto pid = spawn_self({proxy_command}, proxy_log(*dirs));
  if (!pid) return tl::unexpected(cannot_start(pid.error().detail));
  // It leaves a child behind and ends at once.
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return tl::unexpected(cannot_start("it ended at once\n" + last_words_of_proxy()));
}

std::string proxy_log(const Dirs& dirs) {
  return dirs.state + "/proxy.log";
}

std::string last_words_of_proxy() {
  const auto dirs = find_dirs();
  return dirs ? last_words(proxy_log(*dirs)) : "";
}

}  // namespace devproxy
