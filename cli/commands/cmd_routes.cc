#include <cstdint>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/project/route_forms.h"
#include "cli/project/url_table.h"
#include "cli/project/worktree_text.h"
#include "cli/running/config_in_force.h"
#include "cli/running/find_proxy.h"

namespace devproxy {

Outcome run_routes(const Invocation& invocation, const Console& console) {
  auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  auto proxy = find_proxy_of(config->file);
  if (proxy) {
    if (auto in_force = config_in_force(*proxy)) *config = std::move(*in_force);
    show_running(*config, proxy->facts);
  }
  auto rows = url_rows(*config, wanted_listeners(*config), SIZE_MAX);
  if (invocation.json) {
    write_out(routes_form(*config, rows) + "\n");
    return ExitCode::done;
  }
  const auto tcp = tcp_rows(*config);
  rows.insert(rows.end(), tcp.begin(), tcp.end());
  if (console.terminal) {
    write_out(pretty_table(rows, terminal_width(), console.colour));
  } else {
    write_out(pretty_table(rows, SIZE_MAX, false));
  }
  if (const std::string worktree = worktree_text(config->worktree); !worktree.empty())
    write_out("  worktree: " + worktree + "\n");
  if (proxy && proxy->facts.rolled_back)
    write_out("  " + paint(rolled_back_text(proxy->facts), Colour::yellow, console.colour) + "\n");
  return ExitCode::done;
}

}  // namespace devproxy
