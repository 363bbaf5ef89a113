#include "cli/terminal/bounded_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace devproxy {

BoundedOutput::BoundedOutput(Loop& loop, std::string path)
    : timer_(loop.agenda()), path_(std::move(path)) {
  if (!path_.empty()) look();
}

void BoundedOutput::look() {
  timer_.start(look_ms, [this] { look(); });
  struct stat there {};
  if (::fstat(STDOUT_FILENO, &there) != 0 || there.st_size <= longest) return;
  if (there.st_size > 2 * longest) {
    // Written faster than we look: too much to be kept beside the next one.
    static_cast<void>(::ftruncate(STDOUT_FILENO, 0));
    return;
  }
  // Only what is still the file of that name: somebody may have moved it away himself.
  struct stat named {};
  if (::lstat(path_.c_str(), &named) == 0 && named.st_ino == there.st_ino)
    ::rename(path_.c_str(), (path_ + ".1").c_str());
  const int fresh =
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fresh < 0) return;
  ::dup2(fresh, STDOUT_FILENO);
  ::dup2(fresh, STDERR_FILENO);
  ::close(fresh);
}

}  // namespace devproxy
