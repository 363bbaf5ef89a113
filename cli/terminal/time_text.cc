#include "cli/terminal/time_text.h"

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

std::string duration_text(std::chrono::microseconds took) {
  const auto us = took.count();
  if (us < 9'950) return fmt::format("{:.1f} ms", static_cast<double>(us) / 1e3);
  if (us < 9'999'500) return fmt::format("{:.0f} ms", static_cast<double>(us) / 1e3);
  if (us < 99'950'000) return fmt::format("{:.1f} s", static_cast<double>(us) / 1e6);
  const auto seconds = us / 1'000'000;
  if (seconds < 3'600) return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h {:02}m", seconds / 3'600, seconds / 60 % 60);
}

}  // namespace devproxy
