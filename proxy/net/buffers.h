// Buffers: memory that the sockets of one loop share. One large block for reading (bytes are valid
// during the callback only), and recycled strings for what waits to be written, so that an idle
// connection holds none. One per loop.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace devproxy {

class Buffers final {
 public:
  /// Offered first; a read that filled it is followed by reads of `bulk_read` (bodies cost half
  /// then).
  static constexpr std::size_t small_read = 64 * 1024;
  static constexpr std::size_t bulk_read = 512 * 1024;

  char* read_block() {
    if (!block_) block_.reset(new char[bulk_read]);
    return block_.get();
  }

  /// For what is decrypted: valid until the next call, by anybody.
  char* plain_block() {
    if (!plain_) plain_.reset(new char[plain_size]);
    return plain_.get();
  }
  static constexpr std::size_t plain_size = 64 * 1024;

  /// For what is encrypted on its way into a socket: valid until the next call, by anybody. Holds
  /// four records (RFC 8446 5.2: 256 bytes more than their text each, at most).
  char* cipher_block() {
    if (!cipher_) cipher_.reset(new char[cipher_size]);
    return cipher_.get();
  }
  static constexpr std::size_t cipher_text = std::size_t{64} * 1024;
  static constexpr std::size_t cipher_size = cipher_text + 4 * (256 + 5);

  std::string take() {
    if (free_.empty()) return {};
    std::string buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }

  void give_back(std::string buffer) {
    constexpr std::size_t kept = 32;
    constexpr std::size_t largest = 32 * 1024;
    if (buffer.capacity() < 32 || buffer.capacity() > largest || free_.size() == kept) return;
    buffer.clear();
    free_.push_back(std::move(buffer));
  }

 private:
  std::unique_ptr<char[]> block_;
  std::unique_ptr<char[]> plain_;
  std::unique_ptr<char[]> cipher_;
  std::vector<std::string> free_;
};

}  // namespace devproxy
