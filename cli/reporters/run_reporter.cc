#include "cli/reporters/run_reporter.h"

#include <fmt/format.h>

#include <variant>

#include "base/json.h"
#include "base/text.h"
#include "cli/project/public_urls.h"

namespace devproxy {
namespace {

std::uint16_t port_of(const Config& config) {
  for (const Service& service : config.services) {
    if (const auto* const command = std::get_if<CommandTarget>(&service.target))
      return command->port;
  }
  return 0;
}

}  // namespace

void RunReporter::listening(const Config& config, const std::vector<BoundAddress>& listeners,
                            bool again) {
  if (again) return;
  const std::string url = own_url(config, PublicUrls(config, listeners), service_);
  if (json_) {
    const Json json{{"schema", "devproxy.run/v1"},
                    {"service", service_},
                    {"url", url},
                    {"port", port_of(config)}};
    errors_.append(json_line(json) + "\n");
  } else {
    errors_.append(fmt::format("devproxy: {} -> {} (port {})\n",
                               paint(url, Colour::bold, console_.colour_of_errors),
                               escape_own(command_), port_of(config)));
  }
  // Before the command says anything.
  errors_.flush();
}

void RunReporter::exchange(const ExchangeRecord& /*record*/) {}
void RunReporter::reloaded(const ReloadReport& /*report*/) {}

void RunReporter::reload_failed(const Failure& failure) {
  errors_.append(failure_text(failure, console_.colour_of_errors));
}

void RunReporter::service_state(const ServiceNews& news) {
  // How the command ended its exit code tells; that it did not begin nobody else does.
  if (news.state != ServiceState::failed || news.exit_code) return;
  errors_.append(fmt::format("devproxy: {} cannot be started: {}\n", escape_own(command_),
                             escape(news.detail)));
}

void RunReporter::service_note(std::string_view service, std::string_view words) {
  if (service == service_) errors_.append(fmt::format("devproxy: {} {}\n", service, escape(words)));
}

void RunReporter::service_line(std::string_view /*service*/, std::string_view /*line*/) {}
void RunReporter::stopping(std::string_view /*signal*/, std::chrono::seconds /*limit*/) {}

}  // namespace devproxy
