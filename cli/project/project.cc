#include "cli/project/project.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/text.h"
#include "cli/project/followed_places.h"
#include "cli/project/low_ports.h"
#include "cli/project/service_ports.h"
#include "cli/terminal/environment.h"

namespace devproxy {

LoadRequest load_request(const Invocation& invocation) {
  LoadRequest request;
  std::error_code ignored;
  request.working_directory = std::filesystem::current_path(ignored).string();
  request.file = invocation.config_file;
  request.environment = environment;
  add_more_listeners(request);
  return request;
}

std::string shown_path(const std::string& absolute) {
  std::error_code failed;
  const std::string relative = std::filesystem::path(absolute)
                                   .lexically_relative(std::filesystem::current_path(failed))
                                   .string();
  return failed || relative.empty() || relative.starts_with("..") ? absolute : relative;
}

Failure invalid_file(Problems problems) {
  Failure failure;
  failure.exit = ExitCode::usage;
  if (problems.size() == 1 && problems.front().at.line == 0) {
    // Nothing to point at: the file itself is the problem.
    const Problem& problem = problems.front();
    failure.code = problem.code;
    const std::string file = problem.at.file.empty() ? "" : problem.at.file + ": ";
    failure.message = escape_own(file + problem.message);
    failure.hint = escape_own(problem.hint);
    return failure;
  }
  failure.code = "config.invalid";
  failure.message = problems.size() == 1
                        ? fmt::format("one problem in {}", problems.front().at.file)
                        : fmt::format("{} problems in the configuration", problems.size());
  failure.hint = "mend what is marked above; devproxy check looks again";
  failure.problems = std::move(problems);
  return failure;
}

tl::expected<Config, Failure> load_project(const Invocation& invocation) {
  LoadOutcome outcome = load(load_request(invocation));
  if (!outcome.result) return tl::unexpected(invalid_file(std::move(outcome.result.error())));
  show_ports(*outcome.result);
  show_followed(*outcome.result);
  return std::move(*outcome.result);
}

}  // namespace devproxy
