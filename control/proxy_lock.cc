#include "control/proxy_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "base/lock_file.h"

namespace devproxy {
namespace {

constexpr const char* name = "proxy.lock";

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Result<std::optional<ProxyLock>> ProxyLock::take(const std::string& runtime) {
  const auto file = open_lock_file(runtime, name);
  if (!file) return tl::unexpected<Error>(file.error());
  ProxyLock lock(*file);
  struct flock wanted = whole_file();
  if (::fcntl(*file, F_SETLK, &wanted) != 0) return std::optional<ProxyLock>();
  return std::optional(std::move(lock));
}

ProxyLock::~ProxyLock() {
  if (file_ >= 0) ::close(file_);
}

ProxyLock::ProxyLock(ProxyLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

std::optional<pid_t> ProxyLock::holder(const std::string& runtime) {
  const int file = ::open((runtime + "/" + name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return std::nullopt;
  struct flock lock = whole_file();
  const int result = ::fcntl(file, F_GETLK, &lock);
  ::close(file);
  if (result != 0 || lock.l_type == F_UNLCK || lock.l_pid <= 0) return std::nullopt;
  return lock.l_pid;
}

}  // namespace devproxy
