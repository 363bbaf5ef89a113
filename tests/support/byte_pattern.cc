#include "tests/support/byte_pattern.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace devproxy {
namespace {

char byte_at(std::size_t position) {
  return static_cast<char>('a' + (position * 31 + position / 4093) % 26);
}

const std::string& pattern() {
  static const std::string text = [] {
    std::string result(4093 * 26, 'x');
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = byte_at(i);
    return result;
  }();
  return text;
}

/// From a place to the end of the pattern's period, and never beyond `size`.
std::string_view piece_at(std::size_t at, std::size_t size) {
  return std::string_view(pattern()).substr(at % pattern().size()).substr(0, size - at);
}

}  // namespace

std::size_t send_pattern_until_stalled(Wire& wire, std::size_t from, std::size_t size,
                                       std::chrono::milliseconds stall) {
  std::size_t at = from;
  while (at < size) {
    const std::string_view piece = piece_at(at, size);
    const std::size_t sent = wire.send_until_stalled(piece, stall);
    at += sent;
    if (sent < piece.size()) break;
  }
  return at;
}

void send_pattern(Wire& wire, std::size_t from, std::size_t size) {
  for (std::size_t at = from; at < size;) {
    const std::string_view piece = piece_at(at, size);
    wire.send(piece);
    at += piece.size();
  }
}

bool receive_pattern(Wire& wire, std::size_t size) {
  std::size_t at = 0;
  while (at < size) {
    const std::string bytes = wire.receive_some();
    if (bytes.empty()) return false;
    for (std::size_t done = 0; done < bytes.size();) {
      const std::string_view expected = piece_at(at + done, SIZE_MAX);
      const std::size_t length = std::min(expected.size(), bytes.size() - done);
      if (std::string_view(bytes).substr(done, length) != expected.substr(0, length)) return false;
      done += length;
    }
    at += bytes.size();
  }
  return at == size;
}

}  // namespace devproxy
