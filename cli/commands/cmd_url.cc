// `devproxy url`.
#include "base/json.h"
#include "cli/commands/commands.h"
#include "cli/running/service_url.h"

namespace devproxy {

Outcome run_url(const Invocation& invocation, const Console& /*console*/) {
  const auto found = reachable_url(invocation);
  if (!found) return tl::unexpected(found.error());
  if (invocation.json) {
    Json json;
    json["schema"] = "devproxy.url/v1";
    json["service"] = found->service;
    json["url"] = found->url;
    write_out(json_line(json) + "\n");
  } else {
    write_out(found->url + "\n");
  }
  return ExitCode::done;
}

}  // namespace devproxy
