#include "cli/setup/hosts_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/files.h"

namespace devproxy {
namespace {

class Descriptor final {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> cannot_write(const std::string& path, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return fail(denied ? Code::denied : Code::invalid, Source::system,
              fmt::format("cannot write {}: {}", path, std::generic_category().message(error)));
}

/// 0, or errno.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// A new file beside `path` that is like it in all but its text, renamed over it; 0, or errno.
int replace(const std::string& path, std::string_view text) {
  const Descriptor old(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (old.fd() < 0 || ::fstat(old.fd(), &facts) != 0) return errno;
  std::string name = path + ".XXXXXX";
  const Descriptor fresh(::mkostemp(name.data(), O_CLOEXEC));
  if (fresh.fd() < 0) return errno;
  int error = 0;
  // The owner first: changing it may take bits away from the mode.
  if (::fchown(fresh.fd(), facts.st_uid, facts.st_gid) != 0 ||
      ::fchmod(fresh.fd(), facts.st_mode & 07777U) != 0)
    error = errno;
  if (error == 0) {
    copy_security_label(old.fd(), fresh.fd());
    error = write_all(fresh.fd(), text);
  }
  if (error == 0 && ::fsync(fresh.fd()) != 0) error = errno;
  if (error == 0 && ::rename(name.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) ::unlink(name.c_str());
  return error;
}

/// The file itself, from its beginning; 0, or errno.
int overwrite(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.fd() < 0) return errno;
  if (const int error = write_all(file.fd(), text); error != 0) return error;
  if (::ftruncate(file.fd(), static_cast<off_t>(text.size())) != 0) return errno;
  return ::fsync(file.fd()) != 0 && errno != EINVAL ? errno : 0;
}

}  // namespace

Result<std::string> read_hosts_file(const std::string& path) {
  auto text = read_file(path);
  if (!text && text.error().code == Code::missing) return std::string();
  return text;
}

Result<void> write_hosts_file(const std::string& path, std::string_view text) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return write_atomically(path, text, 0644);
  const std::filesystem::path real = std::filesystem::canonical(path, failed);
  const std::string target = failed ? path : real.string();
  int error = replace(target, text);
  // EBUSY and EXDEV: a mount of its own. The others: only the file itself may be written.
  if (error == EBUSY || error == EXDEV || error == EROFS || error == EACCES || error == EPERM)
    error = overwrite(target, text);
  if (error != 0) return cannot_write(path, error);
  return {};
}

}  // namespace devproxy
