// Access lines: one finished exchange, or connection to a TCP port, as a line for people or for
// programs. Whatever came from a
// client is escaped. An AccessLines remembers the current second's text; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

/// How wide the columns of a line are.
struct LineLayout {
  std::size_t width = 0;  ///< of the terminal; 0: no terminal, nothing is cut
  std::size_t host = 16;
  std::size_t service = 7;
  bool colour = false;

  /// Wide enough for the hosts and services of `config`, within reason.
  static LineLayout for_config(const Config& config, std::size_t width, bool colour);
};

class AccessLines final {
 public:
  /// time, method, host, path, status, duration, service, note; of a TCP connection "TCP", the
  /// address, the bytes.
  void append_words(std::string& to, const ExchangeRecord& record, const LineLayout& layout,
                    AccessLogMode mode);
  /// The same fields and more as one JSON object. `event`: with the schema and the name that --json
  /// lines begin with.
  void append_json(std::string& to, const ExchangeRecord& record, AccessLogMode mode, bool event);

  /// "14:02:11" of the local clock.
  const std::string& clock(std::chrono::system_clock::time_point at);

 private:
  const std::string& utc_seconds(std::time_t second);

  std::time_t local_second_ = -1;
  std::time_t utc_second_ = -1;
  std::string local_;
  std::string utc_;
};

}  // namespace devproxy
