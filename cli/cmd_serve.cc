// `devproxy serve` and `devproxy up`.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/loop.h"
#include "cli/commands.h"
#include "cli/edge.h"
#include "cli/local_ca.h"
#include "cli/project.h"
#include "cli/reporter.h"
#include "cli/service_state.h"

namespace devproxy {
namespace {

/// How long a slow reader of our output may keep us from ending.
constexpr int finish_ms = 200;

/// A proxy needs two descriptors per connection; shells hand out 1024. More than 65536 only makes
/// libc's tables large. Programs that we run get back what they had; nothing when nothing was
/// changed.
std::optional<unsigned long long> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 65'536);
  if (limit.rlim_cur >= wanted) return std::nullopt;
  const rlim_t before = std::exchange(limit.rlim_cur, wanted);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return before;
}

ReportForm report_form(const Invocation& invocation) {
  if (invocation.json) return ReportForm::events;
  if (invocation.log_json) return ReportForm::log;
  return invocation.command == CommandId::up ? ReportForm::table : ReportForm::plain;
}

}  // namespace

Outcome run_proxy(const Invocation& invocation, const Console& console) {
  EdgeOptions options;
  options.may_attach = invocation.command == CommandId::up;
  OwnServicesOptions& services = options.services;
  services.file_limit = raise_descriptor_limit();
  services.only = invocation.services;
  services.terminal = report_form(invocation) == ReportForm::table && console.terminal;
  if (invocation.json || invocation.log_json) set_log_form(LogForm::json);
  LoadRequest request = load_request(invocation);
  LoadOutcome outcome = load(request);
  if (!outcome.result) return tl::unexpected(invalid_file(std::move(outcome.result.error())));

  for (const std::string& name : invocation.services) {
    if (const auto service = find_service(*outcome.result, name); !service)
      return tl::unexpected(service.error());
  }

  Loop loop;
  LineWriter out(loop.agenda(), STDOUT_FILENO);
  LineWriter errors(loop.agenda(), STDERR_FILENO);
  const auto reporter = make_reporter(report_form(invocation), out, errors, console.terminal,
                                      console.colour, console.colour_of_errors, [] {
                                        const auto state = state_folder();
                                        return state && is_remembered(*state);
                                      });
  const auto flush = [&out, &errors] {
    out.finish(finish_ms);
    errors.finish(finish_ms);
  };
  Edge edge(loop, std::move(request), *reporter, std::move(options));
  edge.on_impatience = [&flush](int exit_code) {
    flush();
    ::_exit(exit_code);
  };
  if (const auto started = edge.start(*outcome.result, std::move(outcome.files)); !started) {
    return tl::unexpected(started.error());
  }
  // The file's values live on in the route table only.
  outcome = LoadOutcome{Config{}, {}};
  out.flush();
  errors.flush();
  loop.run();
  flush();
  return ExitCode::done;
}

}  // namespace devproxy
