#include <fmt/format.h>

#include "base/version.h"
#include "cli/command_line/help_form.h"
#include "cli/commands/commands.h"

namespace devproxy {

Outcome run_version(const Invocation& invocation, const Console& /*console*/) {
  write_out(invocation.json ? version_form() + "\n"
                            : fmt::format("devproxy {}\n", program_version));
  return ExitCode::done;
}

}  // namespace devproxy
