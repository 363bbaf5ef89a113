#include "cli/running/service_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "cli/project/project.h"
#include "cli/project/url_table.h"
#include "cli/running/config_in_force.h"
#include "cli/running/find_proxy.h"
#include "cli/running/service_state.h"

namespace devproxy {
namespace {

Failure unreachable(const Service& service, const ReachState& state) {
  return {ExitCode::not_running,
          "service.unreachable",
          fmt::format("{} cannot be reached: {}", service.name, escape(state.why_not)),
          fmt::format("start it; devproxy wait {} waits for it", service.name),
          {}};
}

Failure no_url(const std::string& service) {
  return {ExitCode::failed,
          "service.no_url",
          fmt::format("no route with a whole host leads to {}",
                      service.empty() ? "any service" : service),
          "give it a host in the file; devproxy routes lists what there is",
          {}};
}

}  // namespace

tl::expected<ServiceUrl, Failure> reachable_url(const Invocation& invocation) {
  auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  auto proxy = find_proxy_of(config->file);
  if (proxy) {
    if (auto in_force = config_in_force(*proxy)) *config = std::move(*in_force);
  }
  const std::string& wanted = invocation.argument;
  if (!wanted.empty()) {
    if (const auto service = find_service(*config, wanted); !service)
      return tl::unexpected(service.error());
  }
  if (!proxy) return tl::unexpected(not_running(config->file));
  const std::vector<UrlRow> rows = url_rows(*config, proxy->facts.listeners, SIZE_MAX);
  const auto row = std::find_if(rows.begin(), rows.end(), [&wanted](const UrlRow& each) {
    const bool is_pattern = each.host.find('*') != std::string::npos;
    return !is_pattern && (wanted.empty() || each.service == wanted);
  });
  if (row == rows.end()) return tl::unexpected(no_url(wanted));
  const auto service = find_service(*config, row->service);
  if (!service) return tl::unexpected(service.error());
  const ReachState state = reach_state(**service, proxy->facts);
  if (!state.reachable) return tl::unexpected(unreachable(**service, state));
  return ServiceUrl{row->service, row->url};
}

}  // namespace devproxy
