#include "services/run_mark.h"

#include <fmt/format.h>
#include <unistd.h>

#include <random>

#include "base/text.h"

namespace devproxy {
namespace {

std::vector<pid_t> processes_with(const std::string& text) {
  std::vector<pid_t> found;
  visit_environments([&](pid_t pid, std::string_view environment) {
    const std::size_t at = environment.find(text);
    const bool whole = at != std::string_view::npos && (at == 0 || environment[at - 1] == '\0');
    if (whole && pid != ::getpid()) found.push_back(pid);
  });
  return found;
}

}  // namespace

std::string make_run() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

std::string run_mark(std::string_view run, std::string_view service) {
  return fmt::format("{}.{}", run, service);
}

std::vector<pid_t> processes_of_service(std::string_view run, std::string_view service) {
  std::string text = fmt::format("{}={}", run_mark_variable, run_mark(run, service));
  text.push_back('\0');
  return processes_with(text);
}

std::string run_mark_of(pid_t pid) {
  const std::string environment = read_environment(pid);
  const std::string begin = fmt::format("{}=", run_mark_variable);
  for (const std::string_view entry : split(environment, '\0')) {
    if (entry.starts_with(begin)) return std::string(entry.substr(begin.size()));
  }
  return {};
}

std::vector<pid_t> processes_of_run(std::string_view run) {
  return processes_with(fmt::format("{}={}.", run_mark_variable, run));
}

}  // namespace devproxy
