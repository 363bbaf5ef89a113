// `devproxy status`.
#include "cli/commands.h"
#include "cli/find_proxy.h"
#include "cli/status.h"

namespace devproxy {

Outcome run_status(const Invocation& invocation, const Console& console) {
  std::vector<ProxyStatus> proxies;
  for (FoundProxy& found : find_proxies()) proxies.push_back(status_of(std::move(found.facts)));
  if (invocation.json) {
    write_out(status_form(proxies) + "\n");
    return proxies.empty() ? ExitCode::not_running : ExitCode::done;
  }
  if (proxies.empty()) {
    return tl::unexpected(Failure{ExitCode::not_running,
                                  "proxy.not_running",
                                  "no devproxy of this user is running",
                                  "start one with: devproxy up",
                                  {}});
  }
  write_out(status_text(proxies, console.colour));
  return ExitCode::done;
}

}  // namespace devproxy
