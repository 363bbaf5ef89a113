#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/json_forms.h"
#include "generated/version.h"

namespace devproxy {

Outcome run_version(const Invocation& invocation, const Console& /*console*/) {
  write_out(invocation.json ? version_form() + "\n" : fmt::format("devproxy {}\n", version));
  return ExitCode::done;
}

}  // namespace devproxy
