// `devproxy explain`.
#include <utility>

#include "base/tcp_sockets.h"
#include "cli/commands/commands.h"
#include "cli/explain/explain_form.h"
#include "cli/explain/explained_run.h"
#include "cli/explain/explanation.h"
#include "cli/project/project.h"
#include "cli/running/config_in_force.h"
#include "cli/running/find_proxy.h"
#include "cli/terminal/environment.h"

namespace devproxy {

Outcome run_explain(const Invocation& invocation, const Console& console) {
  auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  auto proxy = find_proxy_of(config->file);
  if (proxy) {
    if (auto in_force = rolled_back_config(*proxy)) *config = std::move(*in_force);
    show_running(*config, proxy->facts);
  }
  auto explanation = explain(*config, {invocation.argument, invocation.method, invocation.headers});
  if (!explanation) return tl::unexpected(explanation.error());
  if (!parse_ip(explanation->asked.host)) explanation->name = resolve_name(explanation->asked.host);
  if (proxy) explanation->run = explain_run(*explanation, *proxy);
  const ExplainView view{console.colour, environment("HOME").value_or(""),
                         std::chrono::system_clock::now()};
  write_out(invocation.json ? explain_form(*explanation) + "\n"
                            : explanation_text(*explanation, view));
  return explanation->exit();
}

}  // namespace devproxy
