// `devproxy explain`.
#include <optional>
#include <string>
#include <utility>

#include "base/tcp_sockets.h"
#include "cli/commands/commands.h"
#include "cli/explain/explain_form.h"
#include "cli/explain/explained_run.h"
#include "cli/explain/explanation.h"
#include "cli/explain/serving_project.h"
#include "cli/project/name_resolution.h"
#include "cli/project/project.h"
#include "cli/running/config_in_force.h"
#include "cli/running/find_proxy.h"
#include "cli/terminal/environment.h"

namespace devproxy {

Outcome run_explain(const Invocation& invocation, const Console& console) {
  const ExplainRequest request{invocation.argument, invocation.method, invocation.headers};
  auto config = load_project(invocation);
  std::optional<FoundProxy> proxy;
  if (config) proxy = find_proxy_of(config->file);
  if (proxy) {
    if (auto in_force = config_in_force(*proxy)) *config = std::move(*in_force);
    show_running(*config, proxy->facts);
  }
  auto explanation = config ? explain(*config, request) : tl::unexpected(config.error());
  if (config && !explanation) return tl::unexpected(explanation.error());
  if (auto other = serving_project(request, explanation ? &*explanation : nullptr,
                                   proxy ? proxy->facts.pid : 0)) {
    std::string called_here = explanation ? std::move(explanation->called_here) : "";
    explanation = std::move(other->explanation);
    explanation->called_here = std::move(called_here);
    proxy = std::move(other->proxy);
  }
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
