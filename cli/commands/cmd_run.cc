// `devproxy run`.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <utility>

#include "base/log.h"
#include "base/loop.h"
#include "cli/commands/commands.h"
#include "cli/edge/run_loop.h"
#include "cli/project/project.h"
#include "cli/reporters/run_reporter.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// What a shell says of a command that did not begin.
constexpr int cannot_start = 126;

/// The project that the folder belongs to, for its name and its listeners; its services are not
/// run. A file that is broken is to be mended first: both come from there.
tl::expected<Config, Failure> project_here(const LoadRequest& request) {
  LoadOutcome outcome = load(request);
  if (!outcome.result) {
    const Problems& problems = outcome.result.error();
    const bool missing = problems.size() == 1 && problems.front().code == "config.missing";
    if (missing) {
      Config config = bare_config(request.working_directory);
      add_default_listeners(config, request.more_listeners());
      return config;
    }
    return tl::unexpected(invalid_file(std::move(outcome.result.error())));
  }
  Config config = bare_config(request.working_directory);
  config.project = outcome.result->project;
  config.worktree = outcome.result->worktree;
  config.proxy = std::move(outcome.result->proxy);
  return config;
}

/// One service, whose host is the project's or stands below it.
void add_service(Config& config, const Invocation& invocation) {
  CommandTarget command;
  command.words = invocation.words;
  command.dir = config.root;
  command.restart = RestartPolicy::never;
  const Position at{fmt::format("devproxy run, pid {}", ::getpid()), 0, 0};
  const std::string& name = invocation.service_name;
  RouteRule rule;
  rule.service = name.empty() ? config.project : name;
  rule.hosts = {host_in(config.worktree, config.proxy,
                        (name.empty() ? "" : name + ".") + config.project + ".localhost")};
  rule.own = true;
  rule.at = at;
  config.services.push_back({rule.service, std::move(command), std::nullopt, at});
  config.routes.push_back(std::move(rule));
}

}  // namespace

Outcome run_command(const Invocation& invocation, const Console& console) {
  const std::string& name = invocation.service_name;
  if (!name.empty() && !is_label(name)) {
    return tl::unexpected(Failure{
        ExitCode::usage,
        "usage.name",
        fmt::format("the name \"{}\" is not a DNS label", name),
        "write lower-case letters, digits and inner hyphens: --name " + make_label(name, "web"),
        {}});
  }
  EdgeOptions options;
  LoadRequest request = load_request(invocation);
  take_what_is_handed_over(request, options);
  auto config = project_here(request);
  if (!config) return tl::unexpected(config.error());
  tell_of_unused(options.inherited, *config);
  add_service(*config, invocation);
  // The terminal is the command's.
  config->proxy.log = LogSetting::error;

  options.shares_proxy = options.inherited.empty();
  options.force = invocation.force;
  options.has_file = false;
  options.services.file_limit = raise_descriptor_limit();
  options.services.inherits = true;
  Loop loop;
  LineWriter errors(loop.agenda(), STDERR_FILENO);
  RunReporter reporter(errors, console, invocation.json, config->services.front().name,
                       fmt::format("{}", fmt::join(invocation.words, " ")));
  Edge edge(loop, std::move(request), reporter, std::move(options));
  int exit_code = cannot_start;
  edge.on_service = [&edge, &exit_code](const ServiceNews& news) {
    const bool ended = news.state == ServiceState::stopped || news.state == ServiceState::failed;
    if (!ended || news.again_in) return;
    exit_code = news.exit_code.value_or(cannot_start);
    edge.stop(0);
  };
  const auto ended = run_edge(loop, edge, *config, {}, {&errors});
  if (!ended) return tl::unexpected(ended.error());
  return static_cast<ExitCode>(exit_code);
}

}  // namespace devproxy
