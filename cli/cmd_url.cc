// `devproxy url`.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/find_proxy.h"
#include "cli/project.h"
#include "cli/service_state.h"
#include "cli/url_table.h"

namespace devproxy {
namespace {

Failure unreachable(const Service& service, const ReachState& state) {
  return {ExitCode::not_running,
          "service.unreachable",
          fmt::format("{} cannot be reached: {}", service.name, escape(state.why_not)),
          fmt::format("start it; devproxy wait {} waits for it", service.name),
          {}};
}

}  // namespace

Outcome run_url(const Invocation& invocation, const Console& /*console*/) {
  const auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  const auto service = find_service(*config, invocation.argument);
  if (!service) return tl::unexpected(service.error());
  const auto proxy = find_proxy_of(config->file);
  if (!proxy) return tl::unexpected(not_running(config->file));
  std::string url;
  for (const UrlRow& row : url_rows(*config, proxy->facts.listeners, SIZE_MAX)) {
    if (url.empty() && row.service == invocation.argument) url = row.url;
  }
  if (url.empty()) {
    return tl::unexpected(Failure{ExitCode::failed,
                                  "service.no_url",
                                  fmt::format("no route leads to {}", (*service)->name),
                                  "give it a host in the file; devproxy routes lists what there is",
                                  {}});
  }
  const ReachState state = reach_state(**service, proxy->facts);
  if (!state.reachable) return tl::unexpected(unreachable(**service, state));
  if (invocation.json) {
    nlohmann::ordered_json json;
    json["schema"] = "devproxy.url/v1";
    json["service"] = (*service)->name;
    json["url"] = url;
    write_out(json.dump() + "\n");
  } else {
    write_out(url + "\n");
  }
  return ExitCode::done;
}

}  // namespace devproxy
