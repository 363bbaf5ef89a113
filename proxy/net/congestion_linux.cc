#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstdint>
#include <string_view>

#include "proxy/net/congestion.h"

namespace devproxy {
namespace {

bool is_loopback(const sockaddr& address) {
  constexpr std::uint32_t loopback_net = 127;
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(v4.sin_addr.s_addr) >> 24U == loopback_net;
  }
  if (address.sa_family != AF_INET6) return false;
  return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

}  // namespace

void relax_congestion_control(int descriptor, const sockaddr& address) {
  // Every kernel has it, and lets everybody choose it.
  constexpr std::string_view plainest = "reno";
  if (!is_loopback(address)) return;
  static_cast<void>(setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, plainest.data(),
                               static_cast<socklen_t>(plainest.size())));
}

}  // namespace devproxy
