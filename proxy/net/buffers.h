// Buffers: memory that the sockets of one loop share. One large block for reading (bytes are valid
// during the callback only), and recycled strings for what waits to be written, so that an idle
// connection holds none. One per loop.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/net/block_pool.h"

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

  BlockPool& blocks() { return blocks_; }

  std::string take() {
    std::string buffer;
    if (free_.empty()) {
      buffer.reserve(first_size);
    } else {
      buffer = std::move(free_.back());
      free_.pop_back();
      kept_ -= buffer.capacity();
    }
    return buffer;
  }

  void give_back(std::string buffer) {
    const std::size_t size = buffer.capacity();
    if (size < first_size || size > largest || kept_ + size > kept_at_most) return;
    buffer.clear();
    kept_ += size;
    free_.push_back(std::move(buffer));
  }

 private:
  BlockPool blocks_;
  std::unique_ptr<char[]> block_;
  std::unique_ptr<char[]> plain_;
  std::unique_ptr<char[]> cipher_;
  // As many as one loop iteration may need: a head for each of some hundred connections.
  static constexpr std::size_t first_size = 1024;
  static constexpr std::size_t largest = std::size_t{32} * 1024;
  static constexpr std::size_t kept_at_most = std::size_t{1024} * 1024;
  std::vector<std::string> free_;
  std::size_t kept_ = 0;  ///< bytes in free_
};

}  // namespace devproxy
