// The Reporter for people. Loop thread; owned by run_proxy().
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/reporters/reporter.h"

namespace devproxy {

struct TextStyle {
  bool table = true;  ///< false: one fact a line, for logs
  bool terminal = false;
  bool colour = false;
  bool colour_of_errors = false;
};

class TextReporter final : public Reporter {
 public:
  /// `ca_is_trusted` may be empty: then nothing is said about it.
  TextReporter(LineWriter& out, LineWriter& errors, TextStyle style,
               std::function<bool()> ca_is_trusted)
      : out_(out), errors_(errors), style_(style), ca_is_trusted_(std::move(ca_is_trusted)) {}

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
  void show_urls(const Config& config, const std::vector<BoundAddress>& listeners);
  const std::string& now();
  std::string label(std::string_view service) const;

  LineWriter& out_;
  LineWriter& errors_;
  TextStyle style_;
  std::function<bool()> ca_is_trusted_;
  AccessLines lines_;
  LineLayout layout_;
  AccessLogMode mode_ = AccessLogMode::path;
  std::string file_;  ///< name of the configuration, for words
  std::string buffer_;
  std::map<std::string, std::size_t, std::less<>> places_;  ///< each service's, for its colour
  std::size_t label_width_ = 0;  ///< of the longest service that has a command
  std::string last_label_;       ///< whose line was printed last
};

}  // namespace devproxy
