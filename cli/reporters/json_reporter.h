// The Reporter for programs. Loop thread; owned by run_proxy().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/reporters/reporter.h"

namespace devproxy {

class JsonReporter final : public Reporter {
 public:
  /// `events`: everything as an event on stdout; else requests only, and the rest goes to the log.
  JsonReporter(LineWriter& out, bool events) : out_(out), events_(events) {}

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
  LineWriter& out_;
  bool events_;
  AccessLines lines_;
  AccessLogMode mode_ = AccessLogMode::path;
  std::string buffer_;
};

}  // namespace devproxy
