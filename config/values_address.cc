#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "config/values.h"

namespace devproxy {
namespace {

struct Octets {
  std::array<unsigned char, 16> bytes{};
  int family = 0;
  unsigned bits() const { return family == AF_INET6 ? 128 : 32; }
};

std::optional<Octets> parse_octets(std::string_view text) {
  const std::string name(text);
  Octets octets;
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, name.c_str(), octets.bytes.data()) == 1) {
      octets.family = family;
      return octets;
    }
  }
  return std::nullopt;
}

std::string print(const Octets& octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(octets.family, octets.bytes.data(), text.data(), text.size());
  return text.data();
}

constexpr std::array<unsigned char, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::string canonical_address(std::string_view text) {
  const auto octets = parse_octets(text);
  return octets ? print(*octets) : std::string();
}

bool is_ipv6(std::string_view address) {
  return address.find(':') != std::string_view::npos;
}

bool is_loopback(std::string_view address) {
  const auto octets = parse_octets(address);
  if (!octets) return false;
  const auto& bytes = octets->bytes;
  if (octets->family == AF_INET) return bytes[0] == 127;
  const bool mapped = std::memcmp(bytes.data(), mapped_prefix.data(), mapped_prefix.size()) == 0;
  return mapped ? bytes[12] == 127 : print(*octets) == "::1";
}

bool is_any(std::string_view address) {
  const auto octets = parse_octets(address);
  return octets && octets->bytes == std::array<unsigned char, 16>{};
}

Valued<ListenAddress> parse_listen(std::string_view text) {
  const std::string example = "write \"127.0.0.1:6289\" or \"[::1]:6289\"";
  const std::size_t colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  if (colon == std::string_view::npos || (bracketed && text.rfind(']') + 1 != colon)) {
    return complain("the address " + in_quotes(text) + " has no port", example);
  }
  const auto port = parse_number(text.substr(colon + 1));
  if (!port || *port > 65535) {
    return complain(
        "the address " + in_quotes(text) + " has a bad port: " + in_quotes(text.substr(colon + 1)),
        "a port is a number from 1 to 65535, or 0 for any free one");
  }
  std::string_view host = text.substr(0, colon);
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto octets = parse_octets(host);
  if (!octets || (octets->family == AF_INET6) != bracketed) {
    if (iequals(host, "localhost")) {
      const std::string number(text.substr(colon + 1));
      return complain("listen takes addresses, not names: " + in_quotes(text),
                      "write [\"127.0.0.1:" + number + "\", \"[::1]:" + number + "\"]");
    }
    return complain(in_quotes(text) + " is not an address and a port", example);
  }
  ListenAddress address;
  address.host = print(*octets);
  address.port = static_cast<std::uint16_t>(*port);
  return address;
}

Valued<std::string> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto octets = parse_octets(text.substr(0, slash));
  if (!octets) {
    return complain(in_quotes(text) + " is not an address or a CIDR block",
                    "write one like \"127.0.0.1\" or \"10.0.0.0/8\"");
  }
  if (slash == std::string_view::npos) return print(*octets);
  const auto length = parse_number(text.substr(slash + 1));
  if (!length || *length > octets->bits()) {
    return complain(
        "the block " + in_quotes(text) + " has a bad prefix length",
        "write a number from 0 to " + std::to_string(octets->bits()) + " after the \"/\"");
  }
  const Octets before = *octets;
  for (unsigned bit = static_cast<unsigned>(*length); bit < octets->bits(); ++bit) {
    octets->bytes[bit / 8] &= static_cast<unsigned char>(~(0x80U >> (bit % 8)));
  }
  const std::string block = print(*octets) + "/" + std::to_string(*length);
  if (octets->bytes != before.bytes) {
    return complain("the block " + in_quotes(text) + " has bits set behind its prefix",
                    "write " + in_quotes(block) + ", or the address without \"/\"");
  }
  return block;
}

}  // namespace devproxy
