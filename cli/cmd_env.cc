#include "base/text.h"
#include "certs/trust_bundle.h"
#include "cli/ca_variables.h"
#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/local_ca.h"
#include "cli/trust_form.h"

namespace devproxy {

Outcome run_env(const Invocation& invocation, const Console& /*console*/) {
  const auto state = state_folder();
  if (!state) return tl::unexpected(state.error());
  const auto anchor = local_ca(*state, invocation);
  if (!anchor) return tl::unexpected(anchor.error());
  const Result<std::string> bundle = combined_bundle(*state, *anchor);
  const std::string problem = bundle ? "" : bundle.error().detail;
  const auto variables = ca_variables(anchor->path, bundle.value_or(""), environment);
  write_out(invocation.json ? env_form(*anchor, variables, problem) + "\n"
                            : export_lines(variables, anchor->path, problem));
  return ExitCode::done;
}

}  // namespace devproxy
