// Layers reads the files of a configuration, lowest first (what is included, the file,
// devproxy.local.toml), and merges them into one tree. One for each load; one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/node.h"
#include "config/reader.h"
#include "config/report.h"

namespace devproxy {

class Layers final {
 public:
  Layers(Sources& sources, Report& report, Strings& strings)
      : sources_(sources), report_(report), reader_(report, strings) {}
  Layers(const Layers&) = delete;
  Layers& operator=(const Layers&) = delete;

  /// Reads `main_file` with what it includes, and the local file beside it.
  void read(const std::string& main_file);
  /// The merged tree; once.
  Node take() { return std::move(merged_); }

  /// A file could not be read or parsed: what it may hold must not be called missing.
  bool incomplete() const { return incomplete_; }
  /// A file is for another version of devproxy: nothing else about it can be trusted.
  bool other_version() const { return other_version_; }
  /// Every file that was read or looked for.
  const std::vector<std::string>& files() const { return files_; }
  /// The higher, the later the file was laid on top.
  std::uint32_t rank(std::uint32_t file) const { return file < ranks_.size() ? ranks_[file] : 0; }

 private:
  enum class Need : bool { optional, required };

  void read_file_and_includes(const std::string& path, Need need, Where included_at, bool included);
  void read_includes(const Member* include, const std::string& path);
  void check_version_of_broken(std::uint32_t file);
  void require(const Node& value);
  void report_unreadable(const std::string& path, const std::string& why, Where included_at,
                         bool included);
  void lay(Node root, std::uint32_t file);

  Sources& sources_;
  Report& report_;
  Reader reader_;
  Node merged_;
  std::vector<std::string> open_;  ///< files whose includes are being read, outermost first
  std::vector<std::string> files_;
  std::vector<std::uint32_t> ranks_;  ///< by number of the file; 0 for those without a layer
  std::uint32_t layers_ = 0;
  bool incomplete_ = false;
  bool other_version_ = false;
};

/// Lays `over` on top of `base`, as product section 3 ("Layers") says.
void merge_layer(Node& base, Node over);

}  // namespace devproxy
