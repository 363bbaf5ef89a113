// TrustedPeers: the addresses whose forwarding fields are believed (`trusted_proxies`). An
// immutable value; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

class TrustedPeers final {
 public:
  TrustedPeers() = default;
  /// Addresses or CIDR blocks, checked by config; what is neither is left out.
  explicit TrustedPeers(const std::vector<std::string>& blocks);

  bool contains(std::string_view ip) const;

 private:
  struct Block {
    std::array<std::uint8_t, 16> address{};  ///< IPv4 as ::ffff:a.b.c.d
    unsigned bits = 128;
  };
  std::vector<Block> blocks_;
};

}  // namespace devproxy
