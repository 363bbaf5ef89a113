// The last lines that services printed, read back from their log files (log_file.h) and put in the
// order of time. Blocks for as long as it takes to read at most 1 MiB of each file; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

struct LoggedLine {
  std::string time;  ///< "2026-11-22T13:41:02.123Z"; empty: the line has none
  std::string service;
  std::string line;  ///< as visible_text() left it
};

/// <folder>/<service>.log
std::string service_log_path(std::string_view folder, std::string_view service);

/// At most `count` lines, the oldest first. A service without a file has printed nothing.
std::vector<LoggedLine> last_logged(std::string_view folder,
                                    const std::vector<std::string>& services, std::size_t count);

}  // namespace devproxy
