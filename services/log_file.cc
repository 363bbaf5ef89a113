#include "services/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace devproxy {

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
  waiting_.append(line).push_back('\n');
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
