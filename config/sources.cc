#include "config/sources.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace devproxy {

Sources::Sources(std::string working_directory)
    : working_directory_(std::move(working_directory)) {}

std::uint32_t Sources::add(std::string path, std::string text) {
  std::string name = printed(path);
  files_.push_back(File{std::move(path), std::move(name), std::move(text), {}});
  return static_cast<std::uint32_t>(files_.size() - 1);
}

std::string Sources::printed(const std::string& path) const {
  if (working_directory_.empty()) return path;
  const std::string relative =
      std::filesystem::path(path).lexically_relative(working_directory_).string();
  return relative.empty() || relative.size() >= path.size() ? path : relative;
}

Position Sources::position(Spot spot) const {
  if (spot.file >= files_.size()) return {};
  return Position{files_[spot.file].name, spot.line, spot.column};
}

std::string Sources::place(Spot spot) const {
  const Position at = position(spot);
  return at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string_view Sources::line(Spot spot) const {
  if (spot.file >= files_.size() || spot.line == 0) return {};
  const File& file = files_[spot.file];
  if (file.lines.empty()) {
    file.lines.push_back(0);
    for (std::size_t i = 0; i < file.text.size(); ++i) {
      if (file.text[i] == '\n') file.lines.push_back(i + 1);
    }
  }
  if (spot.line > file.lines.size()) return {};
  std::string_view line = std::string_view(file.text).substr(file.lines[spot.line - 1]);
  line = line.substr(0, line.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (spot.line == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return line;
}

std::string_view Sources::keep(std::string_view text) {
  if (text.empty()) return {};
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < text.size()) {
    chunks_.emplace_back();
    chunks_.back().reserve(std::max(text.size(), chunk_bytes));
  }
  std::string& chunk = chunks_.back();
  const std::size_t begin = chunk.size();
  chunk.append(text);  // never beyond its capacity, so earlier views stay
  return std::string_view(chunk).substr(begin);
}

}  // namespace devproxy
