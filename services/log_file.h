// A LogFile keeps what one service printed, each line behind its time in UTC, bounded: when it is
// full it becomes NAME.1 and a new one begins. Lines are collected and written together a moment
// later. A disk that takes no more costs the lines, nothing else. Loop thread; owned by ServiceRun.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/agenda.h"

namespace devproxy {

/// Now, as log files have it: "2026-11-22T13:41:02.123Z".
std::string log_time();

class LogFile final {
 public:
  static constexpr std::size_t most_bytes = std::size_t{4} << 20U;
  static constexpr std::uint64_t delay_ms = 50;
  static constexpr std::size_t most_waiting = std::size_t{256} * 1024;

  /// Appends to what is there. The folder must exist.
  LogFile(Agenda& agenda, std::string path);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  const std::string& path() const { return path_; }
  void append(std::string_view line);
  void flush();

 private:
  void open();
  void turn_over();

  Timer timer_;
  std::string path_;
  std::string waiting_;
  std::size_t size_ = 0;
  int file_ = -1;
};

}  // namespace devproxy
