#include <cstdint>

#include "base/files.h"
#include "base/text.h"
#include "services/assignable_port.h"

namespace devproxy {

PortRange ephemeral_ports() {
  constexpr PortRange usual{32768, 60999};
  const auto text = read_file("/proc/sys/net/ipv4/ip_local_port_range");
  if (!text) return usual;
  const std::size_t gap = text->find_first_of(" \t");
  if (gap == std::string::npos) return usual;
  const std::string_view all(*text);
  std::string_view rest = all.substr(gap);
  while (!rest.empty() && (rest.back() == '\n' || rest.back() == ' ')) rest.remove_suffix(1);
  const auto first = parse_number(all.substr(0, gap));
  const auto last = parse_number(trim(rest));
  if (!first || !last || *first > *last || *last > 65535) return usual;
  return {static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

}  // namespace devproxy
