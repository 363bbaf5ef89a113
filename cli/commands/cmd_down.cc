// `devproxy down` and `devproxy stop`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"
#include "cli/running/start_proxy.h"

namespace devproxy {
namespace {

/// A service may take its stop_timeout, one after the other those that it depends on.
constexpr std::chrono::milliseconds end_limit{60'000};

/// The answer of what has ended then.
tl::expected<std::string, Failure> end(FoundProxy& proxy) {
  auto answer = ask(proxy, {"stop", {}}, usual_patience);
  if (!answer) return answer;
  if (const auto ended = proxy.client.wait_for_end(end_limit); !ended) {
    return tl::unexpected(
        Failure{ExitCode::timed_out,
                "proxy.still_there",
                fmt::format("devproxy (pid {}) was asked to end and is still there after {} s",
                            proxy.facts.pid, end_limit.count() / 1000),
                fmt::format("look at devproxy status; kill {} ends it at once", proxy.facts.pid),
                {}});
  }
  return answer;
}

}  // namespace

Outcome run_down(const Invocation& invocation, const Console& /*console*/) {
  auto proxy = find_proxy_of(invocation);
  if (!proxy) return tl::unexpected(proxy.error());
  const auto answer = end(*proxy);
  if (!answer) return tl::unexpected(answer.error());
  std::vector<std::string> services;
  for (const RunningService& service : proxy->facts.services) services.push_back(service.name);
  write_out(
      invocation.json
          ? *answer + "\n"
          : fmt::format("stopped {} (pid {}){}\n", project_words(proxy->facts), proxy->facts.pid,
                        services.empty() ? std::string()
                                         : fmt::format(" and its {}", fmt::join(services, ", "))));
  return ExitCode::done;
}

Outcome run_stop(const Invocation& invocation, const Console& /*console*/) {
  auto proxy = find_shared_proxy(usual_patience);
  if (!proxy) {
    return tl::unexpected(Failure{ExitCode::not_running,
                                  "proxy.not_running",
                                  "no shared proxy of this user is running",
                                  "devproxy status lists what runs; devproxy down ends a project",
                                  {}});
  }
  const auto answer = end(*proxy);
  if (!answer) return tl::unexpected(answer.error());
  std::vector<std::string> projects;
  for (const AttachedProject& each : proxy->facts.attached)
    projects.push_back(escape(each.project));
  write_out(invocation.json ? *answer + "\n"
                            : fmt::format("stopped the shared proxy (pid {}){}\n", proxy->facts.pid,
                                          projects.empty()
                                              ? std::string()
                                              : fmt::format(" and {}", fmt::join(projects, ", "))));
  return ExitCode::done;
}

}  // namespace devproxy
