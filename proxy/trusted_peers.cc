#include "proxy/trusted_peers.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace devproxy {
namespace {

using Address = std::array<std::uint8_t, 16>;

std::optional<Address> parse_address(const std::string& text) {
  Address address{};
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  if (inet_pton(AF_INET, text.c_str(), address.data() + 12) != 1) return std::nullopt;
  address[10] = address[11] = 0xff;
  return address;
}

bool same_prefix(const Address& a, const Address& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (a[whole] >> (8 - rest)) == (b[whole] >> (8 - rest));
}

}  // namespace

TrustedPeers::TrustedPeers(const std::vector<std::string>& blocks) {
  for (const std::string& text : blocks) {
    const std::size_t slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) continue;
    const bool is_v4 = text.find(':') == std::string::npos;
    Block block{*address, 128};
    if (slash != std::string::npos) {
      const auto bits = parse_number(std::string_view(text).substr(slash + 1));
      const unsigned most = is_v4 ? 32 : 128;
      if (!bits || *bits > most) continue;
      block.bits = static_cast<unsigned>(*bits) + (is_v4 ? 96 : 0);
    }
    blocks_.push_back(block);
  }
}

bool TrustedPeers::contains(std::string_view ip) const {
  if (blocks_.empty()) return false;
  const auto address = parse_address(std::string(ip));
  if (!address) return false;
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    return same_prefix(*address, block.address, block.bits);
  });
}

}  // namespace devproxy
