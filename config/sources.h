// Sources are the files of one load: their text, their printed names, and the strings made while
// reading them. Spots and string views into them live as long as the Sources. Owned by load(); one
// thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace devproxy {

/// A place in one of the files: line and column count from 1, columns are code points; line 0 means
/// "nowhere".
struct Spot {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// A place and how many columns it covers.
struct Where {
  Spot spot;
  std::uint32_t length = 1;
};

class Sources final {
 public:
  /// Names are printed relative to `working_directory` where that is shorter.
  explicit Sources(std::string working_directory);
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  /// The number that Spot::file holds.
  std::uint32_t add(std::string path, std::string text);
  std::string_view text(std::uint32_t file) const { return files_[file].text; }
  const std::string& path(std::uint32_t file) const { return files_[file].path; }
  const std::string& name(std::uint32_t file) const { return files_[file].name; }

  /// How messages name a file.
  std::string printed(const std::string& path) const;
  Position position(Spot spot) const;
  /// "file:line:column", for messages that name a second place.
  std::string place(Spot spot) const;
  /// Without its line end; empty when there is no such line.
  std::string_view line(Spot spot) const;
  /// Keeps a copy of `text` as long as these Sources.
  std::string_view keep(std::string_view text);

 private:
  struct File {
    std::string path;
    std::string name;
    std::string text;
    mutable std::vector<std::size_t> lines;  ///< where each begins; made when first asked for
  };
  static constexpr std::size_t chunk_bytes = std::size_t{16} * 1024;

  std::string working_directory_;
  std::deque<File> files_;
  std::deque<std::string> chunks_;
};

}  // namespace devproxy
