#include "services/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

namespace devproxy {

/// Calendars are asked once a second.
std::string log_time() {
  thread_local std::int64_t second_of_stamp = -1;
  thread_local std::string stamp;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  if (const std::int64_t second = now / 1000; second != second_of_stamp) {
    second_of_stamp = second;
    const auto time = static_cast<std::time_t>(second);
    std::tm parts{};
    gmtime_r(&time, &parts);
    stamp = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900,
                        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  return fmt::format("{}.{:03}Z", stamp, now % 1000);
}

LogFile::LogFile(Agenda& agenda, std::string path) : timer_(agenda), path_(std::move(path)) {
  open();
}

LogFile::~LogFile() {
  flush();
  if (file_ >= 0) ::close(file_);
}

void LogFile::open() {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat there {};
  size_ = file_ >= 0 && ::fstat(file_, &there) == 0 ? static_cast<std::size_t>(there.st_size) : 0;
}

void LogFile::append(std::string_view line) {
  if (file_ < 0) return;
  waiting_.append(log_time()).append(" ").append(line).push_back('\n');
  if (waiting_.size() >= most_waiting) {
    flush();
  } else if (!timer_.pending()) {
    timer_.start(delay_ms, [this] { flush(); });
  }
}

void LogFile::flush() {
  timer_.cancel();
  if (file_ >= 0 && !waiting_.empty()) {
    if (::write(file_, waiting_.data(), waiting_.size()) > 0) size_ += waiting_.size();
    if (size_ >= most_bytes) turn_over();
  }
  waiting_.clear();
}

void LogFile::turn_over() {
  ::close(file_);
  (void)std::rename(path_.c_str(), (path_ + ".1").c_str());
  open();
}

}  // namespace devproxy
