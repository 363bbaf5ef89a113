#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace devproxy {
namespace {

tl::unexpected<Error> cannot(const char* what, const std::string& path, int error) {
  Code code = Code::invalid;
  if (error == ENOENT || error == ENOTDIR) code = Code::missing;
  if (error == EACCES || error == EPERM || error == EROFS) code = Code::denied;
  return fail(code, Source::system,
              fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(error)));
}

class Descriptor final {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { shut(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int fd() const { return fd_; }
  bool shut() { return fd_ < 0 || close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

/// A file with a name of its own beside the one that is wanted; removed unless renamed.
class FileBeside final {
 public:
  FileBeside(const std::string& path, mode_t mode)
      : name_(path + ".XXXXXX"), file_(mkostemp(name_.data(), O_CLOEXEC)) {
    if (file_.fd() < 0) {
      error_ = errno;
      name_.clear();
    } else if (fchmod(file_.fd(), mode) != 0) {  // mkostemp gives 0600, and the umask has no say
      error_ = errno;
    }
  }
  ~FileBeside() {
    if (!name_.empty()) unlink(name_.c_str());
  }
  FileBeside(const FileBeside&) = delete;
  FileBeside& operator=(const FileBeside&) = delete;

  /// 0, or the errno of the first thing that failed.
  int fill(std::string_view bytes) {
    while (error_ == 0 && !bytes.empty()) {
      const ssize_t written = write(file_.fd(), bytes.data(), bytes.size());
      if (written > 0)
        bytes.remove_prefix(static_cast<std::size_t>(written));
      else if (errno != EINTR)
        error_ = errno;
    }
    if (error_ == 0 && (fsync(file_.fd()) != 0 || !file_.shut())) error_ = errno;
    return error_;
  }

  int rename_to(const std::string& path) {
    if (rename(name_.c_str(), path.c_str()) != 0) return errno;
    name_.clear();
    return 0;
  }
  int link_to(const std::string& path) const {
    return link(name_.c_str(), path.c_str()) == 0 ? 0 : errno;
  }

 private:
  std::string name_;
  Descriptor file_;
  int error_ = 0;
};

/// So that the name, too, survives a power cut. File systems that cannot do it are not to blame.
void sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.fd() >= 0) fsync(opened.fd());
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  // A pipe of that name would keep us waiting for whoever writes to it.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.fd() < 0) return cannot("read", path, errno);
  std::string text;
  std::size_t size = 0;
  for (;;) {
    text.resize(size + (32U << 10U));
    const ssize_t got = read(file.fd(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", path, errno);
    size += static_cast<std::size_t>(got);
    if (size > limit)
      return fail(Code::too_large, Source::system,
                  fmt::format("cannot read {}: it is longer than {} bytes", path, limit));
    if (got == 0) break;
  }
  text.resize(size);
  return text;
}

Result<void> write_atomically(const std::string& path, std::string_view bytes, mode_t mode) {
  FileBeside beside(path, mode);
  int error = beside.fill(bytes);
  if (error == 0) error = beside.rename_to(path);
  if (error != 0) return cannot("write", path, error);
  sync_folder_of(path);
  return {};
}

Result<bool> write_new(const std::string& path, std::string_view bytes, mode_t mode) {
  FileBeside beside(path, mode);
  int error = beside.fill(bytes);
  if (error == 0) error = beside.link_to(path);  // unlike rename, link never replaces
  if (error == EEXIST) return false;
  if (error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK)
    return fail(Code::denied, Source::system,
                fmt::format("cannot make {}: its file system has no hard links, which keep two "
                            "programs from writing it at once; set XDG_STATE_HOME to a folder on "
                            "another one",
                            path));
  if (error != 0) return cannot("make", path, error);
  sync_folder_of(path);
  return true;
}

}  // namespace devproxy
