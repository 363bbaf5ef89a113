#include "services/held_port.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/port_owner.h"

namespace devproxy {
namespace {

struct Bound {
  int socket = -1;
  int error = 0;
};

Bound bind_loopback(int family, std::uint16_t port) {
  const int made = ::socket(family, SOCK_STREAM, 0);
  if (made < 0) return {-1, errno};
  ::fcntl(made, F_SETFD, FD_CLOEXEC);
  // Connections of an earlier run may linger in TIME_WAIT: they are nobody.
  const int on = 1;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int result = 0;
  if (family == AF_INET) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    result = ::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } else {
    ::setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    result = ::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  if (result == 0) return {made, 0};
  const int error = errno;
  ::close(made);
  return {-1, error};
}

bool lacks_family(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

}  // namespace

HeldPort& HeldPort::operator=(HeldPort&& other) noexcept {
  if (this != &other) {
    release();
    sockets_ = std::exchange(other.sockets_, {});
  }
  return *this;
}

void HeldPort::release() {
  for (const int socket : sockets_) ::close(socket);
  sockets_.clear();
}

Result<HeldPort> HeldPort::hold(std::uint16_t port) {
  HeldPort held;
  for (const int family : {AF_INET, AF_INET6}) {
    const Bound bound = bind_loopback(family, port);
    if (bound.socket >= 0) {
      held.sockets_.push_back(bound.socket);
    } else if (!lacks_family(bound.error)) {
      const auto owner = port_owner(family == AF_INET ? "127.0.0.1" : "::1", port);
      const std::string who =
          owner ? describe(*owner) : std::generic_category().message(bound.error);
      return fail(bound.error == EADDRINUSE ? Code::taken : Code::invalid, Source::system,
                  fmt::format("port {} is taken by {}", port, who));
    }
  }
  return held;
}

}  // namespace devproxy
