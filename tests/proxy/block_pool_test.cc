#include "proxy/net/block_pool.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("block pool: a block is handed out again for its size", "[proxy]") {
  BlockPool pool;
  void* const first = pool.take(40);
  REQUIRE(first != nullptr);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % alignof(std::max_align_t) == 0);
  CHECK(pool.kept() == 0);
  pool.give_back(first);
  CHECK(pool.kept() == 64);
  void* const larger = pool.take(65);
  CHECK(larger != first);
  void* const again = pool.take(64);
  CHECK(again == first);
  CHECK(pool.kept() == 0);
  pool.give_back(again);
  pool.give_back(larger);
  pool.give_back(nullptr);
  CHECK(pool.kept() == 64 + 128);
}

TEST_CASE("block pool: zeroed blocks are zero when they were used before", "[proxy]") {
  BlockPool pool;
  void* const used = pool.take(64);
  std::memset(used, 0xff, 64);
  pool.give_back(used);
  auto* const zeroed = static_cast<unsigned char*>(pool.take_zeroed(8, 8));
  REQUIRE(zeroed == used);
  for (int i = 0; i < 64; ++i) CHECK(zeroed[i] == 0);
  pool.give_back(zeroed);
  CHECK(pool.take_zeroed(SIZE_MAX / 2, 3) == nullptr);
  CHECK(pool.take(SIZE_MAX) == nullptr);
}

TEST_CASE("block pool: resizing keeps what was there", "[proxy]") {
  BlockPool pool;
  auto* block = static_cast<char*>(pool.resize(nullptr, 10));
  std::memcpy(block, "0123456789", 10);
  CHECK(pool.resize(block, 64) == block);  // it has the room
  CHECK(pool.resize(block, 5) == block);
  for (const std::size_t size : {std::size_t{65}, BlockPool::largest, BlockPool::largest + 1,
                                 std::size_t{100'000}, std::size_t{200'000}}) {
    block = static_cast<char*>(pool.resize(block, size));
    REQUIRE(block != nullptr);
    std::memset(block + 10, 'x', size - 10);
    CHECK(std::memcmp(block, "0123456789", 10) == 0);
  }
  CHECK(pool.resize(block, SIZE_MAX) == nullptr);
  CHECK(std::memcmp(block, "0123456789x", 11) == 0);
  pool.give_back(block);
}

TEST_CASE("block pool: keeps no more than its bound, and nothing large", "[proxy]") {
  BlockPool pool;
  pool.give_back(pool.take(BlockPool::largest + 1));
  CHECK(pool.kept() == 0);
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < 2 * BlockPool::kept_at_most / BlockPool::largest; ++i)
    blocks.push_back(pool.take(BlockPool::largest));
  for (void* block : blocks) pool.give_back(block);
  CHECK(pool.kept() == BlockPool::kept_at_most);
}

}  // namespace
}  // namespace devproxy
