#include "proxy/request_ids.h"

#include <random>

namespace devproxy {

RequestIds::RequestIds() : state_{}, text_{} {
  std::random_device device;
  for (std::uint64_t& word : state_) {
    word = (static_cast<std::uint64_t>(device()) << 32U) | device();
  }
}

/// xorshift128+
std::uint64_t RequestIds::draw() {
  std::uint64_t x = state_[0];
  const std::uint64_t y = state_[1];
  state_[0] = y;
  x ^= x << 23U;
  state_[1] = x ^ y ^ (x >> 17U) ^ (y >> 26U);
  return state_[1] + y;
}

std::string_view RequestIds::next() {
  char* p = text_;
  for (int word = 0; word < 2; ++word) {
    std::uint64_t bits = draw();
    for (int digit = 0; digit < 16; ++digit) {
      *p++ = "0123456789abcdef"[bits & 15U];
      bits >>= 4U;
    }
  }
  return {text_, sizeof text_};
}

}  // namespace devproxy
