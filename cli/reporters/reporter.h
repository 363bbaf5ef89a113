// A Reporter tells what a running proxy does: to people (TextReporter) or to programs
// (JsonReporter). Both print through LineWriters and so never block. Loop thread; owned by
// run_proxy().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/reporters/access_line.h"
#include "cli/running/history.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/line_writer.h"
#include "config/config.h"
#include "proxy/server.h"
#include "services/service_news.h"

namespace devproxy {

class Reporter {
 public:
  virtual ~Reporter() = default;

  /// The proxy accepts. Also called after a reload, before reloaded(), with `again`.
  virtual void listening(const Config& config, const std::vector<BoundAddress>& listeners,
                         bool again) = 0;
  virtual void exchange(const ExchangeRecord& record) = 0;
  virtual void reloaded(const ReloadReport& report) = 0;
  /// The last good routes stay in force.
  virtual void reload_failed(const Failure& failure) = 0;
  /// Of a service that devproxy runs: it came into another state; something worth a line; a line
  /// that it printed.
  virtual void service_state(const ServiceNews& news) = 0;
  virtual void service_note(std::string_view service, std::string_view words) = 0;
  virtual void service_line(std::string_view service, std::string_view line) = 0;
  virtual void stopping(std::string_view signal, std::chrono::seconds limit) = 0;
};

enum class ReportForm {
  table,   ///< `up`: the aligned URL table
  plain,   ///< `serve`: one fact a line
  events,  ///< --json: everything as "devproxy.event/v1"
  log,     ///< --log json: requests as JSON on stdout, the rest in the log on stderr
};

/// `ca_is_trusted` is asked at most once, by the forms for people, when a URL that they show
/// depends on it; empty: nothing is said.
std::unique_ptr<Reporter> make_reporter(ReportForm form, LineWriter& out, LineWriter& errors,
                                        bool terminal, bool colour, bool colour_of_errors,
                                        std::function<bool()> ca_is_trusted);

/// A sentence for each listener that other machines can reach.
std::vector<std::string> exposure_warnings(const Config& config);

}  // namespace devproxy
