#include "config/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace devproxy {

void Report::add(std::string code, Where where, std::string message, std::string hint) {
  found_.push_back(Found{
      where.spot, Problem{std::move(code), sources_.position(where.spot), std::move(message),
                          std::move(hint), std::string(sources_.line(where.spot)), where.length}});
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
