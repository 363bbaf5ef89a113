// `devproxy completion`.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/command_line/completion.h"
#include "cli/commands/commands.h"

namespace devproxy {

Outcome run_completion(const Invocation& invocation, const Console& /*console*/) {
  const std::string& shell = invocation.argument;
  const std::string script = shell == "bash"  ? bash_completion()
                             : shell == "zsh" ? zsh_completion()
                                              : fish_completion();
  write_out(
      invocation.json
          ? fmt::format(
                "{{\"schema\":\"devproxy.completion/v1\",\"shell\":\"{}\",\"script\":\"{}\"}}\n",
                shell, escape_json(script))
          : script);
  return ExitCode::done;
}

}  // namespace devproxy
