// BlockPool: small blocks of memory for a C library that takes and frees several for each of its
// objects; they are handed out again instead of going through the general allocator, and a warm
// loop allocates nothing. Blocks beyond `largest` are the general allocator's. One per loop, in
// Buffers; outlives what it handed out.
#pragma once

#include <array>
#include <cstddef>

namespace devproxy {

class BlockPool final {
 public:
  static constexpr std::size_t largest = 1024;
  /// Of free blocks that are kept.
  static constexpr std::size_t kept_at_most = std::size_t{512} * 1024;

  BlockPool() = default;
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool();

  /// Aligned for anything; null when there is no memory.
  void* take(std::size_t size);
  void* take_zeroed(std::size_t count, std::size_t size);
  /// As realloc(): null leaves `block` as it is.
  void* resize(void* block, std::size_t size);
  void give_back(void* block);

  std::size_t kept() const { return kept_; }  ///< bytes in free blocks

 private:
  static constexpr std::size_t step = 64;
  struct Header;
  struct Free;

  std::array<Free*, largest / step> free_{};  ///< by size, in steps
  std::size_t kept_ = 0;
};

}  // namespace devproxy
