#include "proxy/net/block_pool.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace devproxy {

/// Stands before every block.
struct alignas(std::max_align_t) BlockPool::Header {
  std::size_t size;  ///< that the block has room for

  static Header& of(void* block) { return static_cast<Header*>(block)[-1]; }
};

/// A free block: the header, and then the next of its size.
struct BlockPool::Free {
  Header header;
  Free* next;
};

BlockPool::~BlockPool() {
  for (Free* block : free_) {
    while (block != nullptr) {
      Free* const next = block->next;
      std::free(block);
      block = next;
    }
  }
}

void* BlockPool::take(std::size_t size) {
  if (size <= largest) {
    const std::size_t rounded = (std::max(size, std::size_t{1}) + step - 1) / step * step;
    Free*& first = free_[rounded / step - 1];
    if (first != nullptr) {
      Free* const taken = first;
      first = taken->next;
      kept_ -= rounded;
      return &taken->header + 1;
    }
    size = rounded;
  }
  if (size > SIZE_MAX - sizeof(Header)) return nullptr;
  auto* header = static_cast<Header*>(std::malloc(sizeof(Header) + size));
  if (header == nullptr) return nullptr;
  header->size = size;
  return header + 1;
}

void* BlockPool::take_zeroed(std::size_t count, std::size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  void* const block = take(count * size);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}

void* BlockPool::resize(void* block, std::size_t size) {
  if (block == nullptr) return take(size);
  const std::size_t old = Header::of(block).size;
  if (size <= old) return block;
  void* const grown = take(size);
  if (grown == nullptr) return nullptr;
  std::memcpy(grown, block, old);
  give_back(block);
  return grown;
}

void BlockPool::give_back(void* block) {
  if (block == nullptr) return;
  Header& header = Header::of(block);
  if (header.size > largest || kept_ + header.size > kept_at_most) {
    std::free(&header);
    return;
  }
  auto* const free = reinterpret_cast<Free*>(&header);
  Free*& first = free_[header.size / step - 1];
  free->next = first;
  first = free;
  kept_ += header.size;
}

}  // namespace devproxy
