#include "services/port_locks.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/lock_file.h"

namespace devproxy {
namespace {

bool set_lock(int file, short type, std::uint16_t byte, int command) {
  struct flock wanted {};
  wanted.l_type = type;
  wanted.l_whence = SEEK_SET;
  wanted.l_start = byte;
  wanted.l_len = 1;
  int result = 0;
  do {
    result = ::fcntl(file, command, &wanted);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

}  // namespace

Result<PortLocks> PortLocks::open(const std::string& folder) {
  const auto file = open_lock_file(folder, "ports.lock");
  if (!file) return tl::unexpected<Error>(file.error());
  return PortLocks(*file);
}

PortLocks::~PortLocks() {
  if (file_ >= 0) ::close(file_);
}

PortLocks::PortLocks(PortLocks&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

bool PortLocks::lock(std::uint16_t port) {
  return set_lock(file_, F_WRLCK, port, F_SETLK);
}
void PortLocks::unlock(std::uint16_t port) {
  set_lock(file_, F_UNLCK, port, F_SETLK);
}
void PortLocks::lock_list() {
  set_lock(file_, F_WRLCK, 0, F_SETLKW);
}
void PortLocks::unlock_list() {
  set_lock(file_, F_UNLCK, 0, F_SETLK);
}

}  // namespace devproxy
