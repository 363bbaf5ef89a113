// BackOff says how long to wait before a program that ended is started again: 0.5 s, doubled with
// every end in a row up to 10 s, and from the beginning once it had run well for a while. Values.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace devproxy {

class BackOff final {
 public:
  static constexpr std::chrono::milliseconds first{500};
  static constexpr std::chrono::milliseconds longest{10'000};
  /// Who ran this long has not failed in a row.
  static constexpr std::chrono::milliseconds well{10'000};

  std::chrono::milliseconds next(std::chrono::milliseconds ran_for) {
    if (ran_for >= well) reset();
    const auto wait = std::min(longest, first * (1U << std::min(in_a_row_, 10U)));
    ++in_a_row_;
    return wait;
  }
  void reset() { in_a_row_ = 0; }
  /// Ends so far without a good run between them.
  std::uint32_t in_a_row() const { return in_a_row_; }

 private:
  std::uint32_t in_a_row_ = 0;
};

}  // namespace devproxy
