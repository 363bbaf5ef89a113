// A TempDir is a folder of a test's own, gone with it. Its path is short, so that unix sockets fit
// into it.
#pragma once

#include <string>
#include <string_view>

namespace devproxy {

class TempDir final {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

  /// Writes in place; folders on the way are made. Returns the path.
  std::string write(std::string_view name, std::string_view text) const;
  /// Writes beside it and renames over it, as careful editors do.
  std::string replace(std::string_view name, std::string_view text) const;
  std::string read(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace devproxy
