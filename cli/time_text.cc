#include "cli/time_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace devproxy {
namespace {

std::string day_before(std::time_t then) {
  const std::tm there = fmt::localtime(then);
  const std::tm today = fmt::localtime(std::time(nullptr));
  const bool is_today = there.tm_yday == today.tm_yday && there.tm_year == today.tm_year;
  return is_today ? "" : fmt::format("{:%Y-%m-%d} ", there);
}

}  // namespace

std::string time_text(std::time_t then) {
  return day_before(then) + fmt::format("{:%H:%M}", fmt::localtime(then));
}

std::string exact_time_text(std::time_t then) {
  return day_before(then) + fmt::format("{:%H:%M:%S}", fmt::localtime(then));
}

}  // namespace devproxy
