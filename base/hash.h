// FNV-1a, 64 bits: the same on every machine and in every version, so it may stand in files, ports
// and names. Not for anything that an attacker chooses. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace devproxy {

inline constexpr std::uint64_t fnv_1a_start = 0xcbf29ce484222325U;

/// `hash`: of what stands before `text`.
constexpr std::uint64_t fnv_1a(std::string_view text, std::uint64_t hash = fnv_1a_start) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace devproxy
