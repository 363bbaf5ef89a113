#include "base/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <random>

namespace devproxy {
namespace {

/// Without SO_REUSEADDR: not every server sets it, and connections of an old one would be in its
/// way.
bool can_bind(int family, const sockaddr* address, socklen_t size) {
  const int socket = ::socket(family, SOCK_STREAM, 0);
  if (socket < 0) return errno == EAFNOSUPPORT;  // a family that is not there is in nobody's way
  const int on = 1;
  if (family == AF_INET6) setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const bool bound = bind(socket, address, size) == 0 || errno == EADDRNOTAVAIL;
  close(socket);
  return bound;
}

}  // namespace

bool is_free(std::uint16_t port) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(port);
  return can_bind(AF_INET, reinterpret_cast<const sockaddr*>(&ipv4), sizeof ipv4) &&
         can_bind(AF_INET6, reinterpret_cast<const sockaddr*>(&ipv6), sizeof ipv6);
}

std::optional<std::uint16_t> find_free_port(
    const KernelPorts& kernel, const std::function<bool(std::uint16_t port)>& may_take) {
  std::random_device chance;
  for (const PortSpan& range : {PortSpan{10'000, 19'999}, PortSpan{1024, 65'535}}) {
    const unsigned count = range.last - range.first + 1U;
    const unsigned start = chance() % count;
    for (unsigned i = 0; i < count; ++i) {
      const auto port = static_cast<std::uint16_t>(range.first + (start + i) % count);
      if (is_assignable(port, kernel) && may_take(port) && is_free(port)) return port;
    }
  }
  return std::nullopt;
}

}  // namespace devproxy
