#include "bench/pattern.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <ctime>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::size_t letters = 26;
constexpr std::size_t size = letters * 10'240;  // 260 KiB

const std::array<char, size>& pattern() {
  static const auto filled = [] {
    std::array<char, size> bytes;
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i % letters);
    return bytes;
  }();
  return filled;
}

}  // namespace

std::string_view pattern_at(std::uint64_t offset, std::uint64_t most) {
  const std::size_t phase = offset % letters;
  return {pattern().data() + phase, std::min<std::size_t>(most, size - phase)};
}

bool is_pattern(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto expected = pattern_at(offset, bytes.size());
    if (std::memcmp(expected.data(), bytes.data(), expected.size()) != 0) return false;
    offset += expected.size();
    bytes.remove_prefix(expected.size());
  }
  return true;
}

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::string_view find_field(std::string_view head, std::string_view name) {
  for (auto line_end = head.find('\n'); line_end != std::string_view::npos;
       line_end = head.find('\n')) {
    head.remove_prefix(line_end + 1);
    if (head.size() <= name.size() || head[name.size()] != ':') continue;
    if (!iequals(head.substr(0, name.size()), name)) continue;
    const auto value = head.substr(name.size() + 1, head.find('\r') - name.size() - 1);
    return trim(value);
  }
  return {};
}

}  // namespace devproxy
