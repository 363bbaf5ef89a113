#include "cli/reporters/json_reporter.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cli/project/url_table.h"
#include "cli/reporters/event_forms.h"
#include "cli/terminal/time_text.h"
#include "services/output_lines.h"

namespace devproxy {

void JsonReporter::listening(const Config& config, const std::vector<BoundAddress>& listeners,
                             bool again) {
  mode_ = config.proxy.access_log;
  for (const std::string& warning : exposure_warnings(config)) log(LogLevel::warn, warning);
  if (again) return;
  if (events_) {
    out_.append(listening_event(config, listeners, url_rows(config, listeners, SIZE_MAX)) + "\n");
  } else {
    log(LogLevel::info, "listening",
        {{"project", config.project}, {"on", listeners_text(listeners)}});
  }
}

void JsonReporter::exchange(const ExchangeRecord& record) {
  if (mode_ == AccessLogMode::off || out_.reader_is_gone()) return;
  buffer_.clear();
  lines_.append_json(buffer_, record, mode_, events_);
  out_.append(buffer_);
}

void JsonReporter::reloaded(const ReloadReport& report) {
  if (events_) {
    out_.append(reload_event(report) + "\n");
    return;
  }
  log(report.is_file ? LogLevel::info : LogLevel::warn,
      report.cause == Cause::rollback ? "rolled back" : "reloaded",
      {{"took", duration_text(report.took)},
       {"generation", std::to_string(report.generation)},
       {"runs_file", report.is_file ? "true" : "false"}});
  for (const std::string& change : report.changes)
    log(LogLevel::info, "changed", {{"what", change}});
}

void JsonReporter::reload_failed(const Failure& failure) {
  if (events_) {
    out_.append(reload_failed_event(failure) + "\n");
    return;
  }
  for (const Problem& problem : failure.problems) {
    log(LogLevel::error, problem.message,
        {{"code", problem.code},
         {"at", fmt::format("{}:{}:{}", problem.at.file, problem.at.line, problem.at.column)},
         {"hint", problem.hint}});
  }
  log(LogLevel::error, failure.message, {{"code", failure.code}, {"hint", failure.hint}});
}

void JsonReporter::service_state(const ServiceNews& news) {
  if (events_) {
    out_.append(service_event(news) + "\n");
    return;
  }
  const LogLevel level = news.state == ServiceState::failed ? LogLevel::error : LogLevel::info;
  log(level, fmt::format("service {}", state_text(news.state)),
      {{"service", std::string(news.service)},
       {"port", fmt::format("{}", news.port)},
       {"detail", news.detail}});
}

void JsonReporter::service_note(std::string_view service, std::string_view words) {
  if (events_) {
    out_.append(service_note_event(service, words) + "\n");
  } else {
    log(LogLevel::warn, fmt::format("{} {}", service, words));
  }
}

void JsonReporter::service_line(std::string_view service, std::string_view line) {
  const std::string text = plain_text(line);
  if (events_) {
    if (!out_.reader_is_gone()) out_.append(output_event(service, text) + "\n");
  } else {
    log(LogLevel::info, "output", {{"service", std::string(service)}, {"line", text}});
  }
}

void JsonReporter::stopping(std::string_view signal, std::chrono::seconds limit) {
  if (events_) {
    out_.append(stopping_event(std::string(signal)) + "\n");
  } else {
    log(LogLevel::info, "stopping",
        {{"signal", std::string(signal)}, {"limit", fmt::format("{}s", limit.count())}});
  }
}

}  // namespace devproxy
