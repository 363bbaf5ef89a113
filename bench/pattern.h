// The bytes of every body that the bench sends: a…z over and over, so that each side can check any
// part of one by its offset. Also the few socket and clock calls that the programs share. One
// thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace devproxy {

/// At most `most` bytes of the pattern as they stand at `offset`; never fewer than min(most, 64
/// KiB).
std::string_view pattern_at(std::uint64_t offset, std::uint64_t most);
/// Whether `bytes` are what the pattern has at `offset`.
bool is_pattern(std::uint64_t offset, std::string_view bytes);

/// Monotonic nanoseconds; the same clock as Python's time.monotonic_ns().
std::uint64_t now_ns();

/// The value of a field in a message head (lines after the first), trimmed; data() is null when it
/// is absent.
std::string_view find_field(std::string_view head, std::string_view name);

}  // namespace devproxy
