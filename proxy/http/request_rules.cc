#include "proxy/http/request_rules.h"

namespace devproxy {

HeadFault check_target(std::string_view target) {
  constexpr HeadLimits limits;
  if (target.size() > limits.target) return {414, "the request target is longer than 16 KiB"};
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '#')
      return {400, "a byte that no request target may hold"};
  }
  return {};
}

HeadFault check_asterisk(std::string_view method) {
  if (method != "OPTIONS") return {400, "the target * belongs to OPTIONS alone"};
  return {};
}

HeadFault refuse_tunnel() {
  return {501, "CONNECT: this is a reverse proxy, it opens no tunnels"};
}

}  // namespace devproxy
