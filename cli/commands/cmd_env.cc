#include "base/files.h"
#include "certs/trust_bundle.h"
#include "cli/commands/commands.h"
#include "cli/terminal/environment.h"
#include "cli/trust/ca_variables.h"
#include "cli/trust/local_ca.h"
#include "cli/trust/trust_form.h"

namespace devproxy {
namespace {

std::string advice(const std::string& file, const Anchor& anchor) {
  const auto text = read_file(file);
  if (text && holds(*text, anchor)) return "it has the CA";
  if (file == system_bundle()) return "devproxy trust puts the CA into it";
  return "append " + anchor.path + " to it";
}

}  // namespace

Outcome run_env(const Invocation& invocation, const Console& /*console*/) {
  const auto state = state_folder();
  if (!state) return tl::unexpected(state.error());
  const auto anchor = local_ca(*state, invocation);
  if (!anchor) return tl::unexpected(anchor.error());
  const Result<std::string> bundle = combined_bundle(*state, *anchor);
  const std::string problem = bundle ? "" : bundle.error().detail;
  const auto variables = ca_variables(anchor->path, bundle.value_or(""), environment);
  write_out(invocation.json ? env_form(*anchor, variables, problem) + "\n"
                            : export_lines(variables, problem, [&anchor](const std::string& file) {
                                return advice(file, *anchor);
                              }));
  return ExitCode::done;
}

}  // namespace devproxy
