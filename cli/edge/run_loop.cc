#include "cli/edge/run_loop.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/dirs.h"
#include "base/log.h"
#include "cli/project/low_ports.h"
#include "cli/project/url_table.h"
#include "control/sockets.h"

namespace devproxy {
namespace {

/// How long a slow reader of our output may keep us from ending.
constexpr int finish_ms = 200;

}  // namespace

std::optional<unsigned long long> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 65'536);
  if (limit.rlim_cur >= wanted) return std::nullopt;
  const rlim_t before = std::exchange(limit.rlim_cur, wanted);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return before;
}

void take_what_is_handed_over(LoadRequest& request, EdgeOptions& options) {
  options.notice = ServiceNotice::take();
  InheritedSockets inherited = take_inherited_sockets();
  for (const std::string& why : inherited.refused) log(LogLevel::warn, why);
  options.inherited = std::move(inherited.sockets);
  add_more_listeners(request, options.inherited);
}

void tell_of_unused(const std::vector<InheritedSocket>& inherited, const Config& config) {
  for (const InheritedSocket& socket : inherited) {
    const auto& listen = config.proxy.listen;
    const bool is_used = std::any_of(listen.begin(), listen.end(), [&](const auto& address) {
      return address.host == socket.host && address.port == socket.port;
    });
    if (is_used) continue;
    log(LogLevel::warn,
        fmt::format("nobody accepts on {}, which devproxy was started with: listen under [proxy] "
                    "does not name it",
                    address_text({socket.host, socket.port})));
  }
}

tl::expected<void, Failure> run_edge(Loop& loop, Edge& edge, Config& config,
                                     std::vector<std::string> files,
                                     const std::vector<LineWriter*>& writers) {
  const auto finish = [&writers] {
    for (LineWriter* const writer : writers) writer->finish(finish_ms);
  };
  edge.on_impatience = [&finish](int exit_code) {
    finish();
    if (const auto dirs = find_dirs())
      ::unlink(control_socket_path(dirs->runtime, ::getpid()).c_str());
    ::_exit(exit_code);
  };
  if (auto started = edge.start(config, std::move(files)); !started) return started;
  for (LineWriter* const writer : writers) writer->flush();
  loop.run();
  finish();
  return {};
}

}  // namespace devproxy
