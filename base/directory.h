// Directory: the entries of a folder, closed with its owner. Names come as the system keeps them,
// in no order. One thread.
#pragma once

#include <dirent.h>

#include <memory>

namespace devproxy {

class Directory final {
 public:
  explicit Directory(const char* path) : stream_(::opendir(path)) {}

  /// False: there is none, or it may not be read; errno tells.
  explicit operator bool() const { return stream_ != nullptr; }
  /// The next entry's name, until the next call; null at the end.
  const char* next() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream that nobody else reads
    const dirent* const entry = ::readdir(stream_.get());
    return entry == nullptr ? nullptr : entry->d_name;
  }
  /// For openat() and its like.
  int descriptor() const { return ::dirfd(stream_.get()); }

 private:
  struct Close {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  std::unique_ptr<DIR, Close> stream_;
};

}  // namespace devproxy
