#include "config/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace devproxy {

namespace {

/// A table is known by the place of its "[": the carets cover the whole header.
std::uint32_t header_length(std::string_view line, std::uint32_t column) {
  const std::string_view before = line.substr(0, std::min<std::size_t>(column - 1, line.size()));
  if (!trim(before).empty() || !line.substr(before.size()).starts_with('[')) return 1;
  const std::size_t end = line.find(']', before.size());
  if (end == std::string_view::npos) return 1;
  const std::size_t brackets = line.substr(end).starts_with("]]") ? 2 : 1;
  return static_cast<std::uint32_t>(end + brackets - before.size());
}

}  // namespace

void Report::add(std::string code, Where where, std::string message, std::string hint) {
  const std::string_view line = sources_.line(where.spot);
  if (where.length <= 1 && where.spot.column > 0) {
    where.length = header_length(line, where.spot.column);
  }
  found_.push_back(
      Found{where.spot, Problem{std::move(code), sources_.position(where.spot), std::move(message),
                                std::move(hint), std::string(line), where.length}});
}

void Report::add_without_place(std::string code, std::string name, std::string message,
                               std::string hint) {
  found_.push_back(Found{Spot{}, Problem{std::move(code), Position{std::move(name), 0, 0},
                                         std::move(message), std::move(hint), "", 1}});
}

Problems Report::take() {
  const auto key = [](const Found& found) {
    return std::tie(found.spot.file, found.spot.line, found.spot.column);
  };
  std::stable_sort(found_.begin(), found_.end(),
                   [&](const Found& a, const Found& b) { return key(a) < key(b); });
  Problems problems;
  for (Found& found : found_) {
    const bool again = !problems.empty() && problems.back().message == found.problem.message &&
                       problems.back().at.line == found.problem.at.line &&
                       problems.back().at.column == found.problem.at.column &&
                       problems.back().at.file == found.problem.at.file;
    if (!again) problems.push_back(std::move(found.problem));
  }
  found_.clear();
  return problems;
}

}  // namespace devproxy
