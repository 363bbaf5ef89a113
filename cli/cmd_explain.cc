#include "cli/commands.h"
#include "cli/explanation.h"
#include "cli/find_proxy.h"
#include "cli/followed_services.h"
#include "cli/json_forms.h"
#include "cli/project.h"

namespace devproxy {

Outcome run_explain(const Invocation& invocation, const Console& console) {
  auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  if (const auto proxy = find_proxy_of(config->file)) show_running(*config, proxy->facts);
  const auto explanation =
      explain(*config, {invocation.argument, invocation.method, invocation.headers});
  if (!explanation) return tl::unexpected(explanation.error());
  write_out(invocation.json ? explain_form(*explanation) + "\n"
                            : explanation_text(*explanation, console.colour));
  return explanation->exit();
}

}  // namespace devproxy
