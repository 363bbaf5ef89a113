// RunReporter tells as little as it can, on stderr, since the terminal belongs to the command of
// `devproxy run`: its URL, and what goes wrong. Loop thread; owned by run_command().
#pragma once

#include <string>
#include <utility>

#include "cli/reporters/reporter.h"
#include "cli/terminal/console.h"
#include "cli/terminal/line_writer.h"

namespace devproxy {

class RunReporter final : public Reporter {
 public:
  /// `command`: as it was typed, for people.
  RunReporter(LineWriter& errors, const Console& console, bool json, std::string service,
              std::string command)
      : errors_(errors),
        console_(console),
        json_(json),
        service_(std::move(service)),
        command_(std::move(command)) {}

  void listening(const Config& config, const std::vector<BoundAddress>& listeners,
                 bool again) override;
  void exchange(const ExchangeRecord& record) override;
  void reloaded(const ReloadReport& report) override;
  void reload_failed(const Failure& failure) override;
  void service_state(const ServiceNews& news) override;
  void service_note(std::string_view service, std::string_view words) override;
  void service_line(std::string_view service, std::string_view line) override;
  void stopping(std::string_view signal, std::chrono::seconds limit) override;

 private:
  LineWriter& errors_;
  const Console& console_;
  bool json_;
  std::string service_;
  std::string command_;
};

}  // namespace devproxy
