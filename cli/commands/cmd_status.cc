// `devproxy status`, and `devproxy` alone.
#include <chrono>

#include "cli/command_line/help.h"
#include "cli/command_line/help_form.h"
#include "cli/commands/commands.h"
#include "cli/running/config_in_force.h"
#include "cli/running/find_proxy.h"
#include "cli/running/status.h"

namespace devproxy {
namespace {

void show(std::vector<FoundProxy> found, bool json, const Console& console) {
  std::vector<ProxyStatus> proxies;
  proxies.reserve(found.size());
  for (FoundProxy& proxy : found) {
    auto in_force = config_in_force(proxy);
    proxies.push_back(status_of(std::move(proxy.facts), std::move(in_force)));
  }
  note_taken(proxies);
  write_out(json ? status_form(proxies) + "\n" : status_text(proxies, console.colour));
}

}  // namespace

Outcome run_status(const Invocation& invocation, const Console& console) {
  std::vector<FoundProxy> found = find_proxies();
  const bool none = found.empty();
  if (none && !invocation.json) {
    return tl::unexpected(Failure{ExitCode::not_running,
                                  "proxy.not_running",
                                  "no devproxy of this user is running",
                                  "start one with: devproxy up",
                                  {}});
  }
  show(std::move(found), invocation.json, console);
  return none ? ExitCode::not_running : ExitCode::done;
}

Outcome run_none(const Invocation& invocation, const Console& console) {
  // Nobody asked for the status: one that does not answer at once is not waited for.
  std::vector<FoundProxy> found = find_proxies(std::chrono::milliseconds(500));
  if (!found.empty()) {
    show(std::move(found), invocation.json, console);
  } else {
    write_out(invocation.json ? help_form("") + "\n" : short_help());
  }
  return ExitCode::done;
}

}  // namespace devproxy
