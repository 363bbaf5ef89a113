// NameIndex: a flat hash from names to small values: one probe and one comparison, whatever the
// number of names. Filled once, then read by any thread. It keeps views; whoever fills it keeps the
// text.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace devproxy {

template <class Value>
class NameIndex final {
 public:
  /// There is room for `count` names.
  explicit NameIndex(std::size_t count = 0) : slots_(std::bit_ceil(count + count / 2 + 1)) {}

  /// The value of `name`, made if there was none. Never more names than there is room for.
  Value& insert(std::string_view name) {
    const std::uint32_t hash = hash_of(name);
    Slot& slot = slots_[place(name, hash)];
    if (slot.name == nullptr) {
      slot = {name.data(), static_cast<std::uint32_t>(name.size()), hash, Value{}};
      longest_ = std::max(longest_, name.size());
    }
    return slot.value;
  }

  /// The value of `name`, or null.
  const Value* find(std::string_view name) const {
    if (name.empty() || name.size() > longest_) return nullptr;
    const Slot& slot = slots_[place(name, hash_of(name))];
    return slot.name == nullptr ? nullptr : &slot.value;
  }

  /// How long the longest name is: nobody need look for longer ones. 0: there are none.
  std::size_t longest() const { return longest_; }

 private:
  struct Slot {
    const char* name = nullptr;  ///< null: free
    std::uint32_t size = 0;
    std::uint32_t hash = 0;
    Value value{};
  };

  static std::uint32_t hash_of(std::string_view name) {
    const std::uint64_t hash = std::hash<std::string_view>{}(name);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
  }

  /// Where `name` is, or the free slot where it would be.
  std::size_t place(std::string_view name, std::uint32_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    for (; slots_[at].name != nullptr; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.hash == hash && std::string_view(slot.name, slot.size) == name) break;
    }
    return at;
  }

  std::vector<Slot> slots_;  ///< a power of two of them, at most two thirds in use
  std::size_t longest_ = 0;
};

}  // namespace devproxy
