// `devproxy open`.
#include <fmt/format.h>

#include "base/text.h"
#include "certs/command_runner.h"
#include "cli/commands/commands.h"
#include "cli/running/service_url.h"
#include "cli/terminal/browser.h"
#include "cli/terminal/environment.h"

namespace devproxy {

Outcome run_open(const Invocation& invocation, const Console& /*console*/) {
  const auto found = reachable_url(invocation);
  if (!found) return tl::unexpected(found.error());
  SystemRunner runner;
  const auto opened = open_in_browser(found->url, runner, environment);
  if (!opened) return tl::unexpected(opened.error());
  const std::string& program = *opened;
  if (invocation.json) {
    const std::string with = program.empty() ? "null" : '"' + escape_json(program) + '"';
    write_out(
        fmt::format("{{\"schema\":\"devproxy.open/"
                    "v1\",\"service\":\"{}\",\"url\":\"{}\",\"opened_with\":{}}}\n",
                    found->service, escape_json(found->url), with));
    return ExitCode::done;
  }
  write_out(found->url + "\n");
  write_error(program.empty()
                  ? "devproxy: no browser was found to open it with; BROWSER may name one\n"
                  : fmt::format("devproxy: opened with {}\n", escape(program)));
  return ExitCode::done;
}

}  // namespace devproxy
