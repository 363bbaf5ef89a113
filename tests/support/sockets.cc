#include "tests/support/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace devproxy {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address address_of(Family family, std::uint16_t port) {
  Address address;
  if (family == Family::v4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    in.sin6_addr = in6addr_loopback;
    memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  }
  return address;
}

std::string reason() {
  return strerror(errno);
}  // NOLINT(concurrency-mt-unsafe): glibc's is safe

Descriptor make_socket(int family) {
  Descriptor result(socket(family, SOCK_STREAM, 0));
  if (!result) give_up("cannot make a socket: " + reason());
  fcntl(result.fd(), F_SETFD, FD_CLOEXEC);
  return result;
}

/// Empty when somebody has the port.
Descriptor try_bind(Family family, std::uint16_t port) {
  Descriptor result = make_socket(family == Family::v4 ? AF_INET : AF_INET6);
  const int on = 1;
  setsockopt(result.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == Family::v6) setsockopt(result.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const Address address = address_of(family, port);
  if (bind(result.fd(), address.get(), address.size) != 0) return {};
  return result;
}

Descriptor bound_socket(Family family, std::uint16_t port) {
  Descriptor result = try_bind(family, port);
  if (!result) {
    give_up("cannot bind " + loopback(family) + " port " + std::to_string(port) + ": " + reason());
  }
  return result;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    memcpy(&in, &storage, sizeof in);
    return ntohs(in.sin6_port);
  }
  sockaddr_in in{};
  memcpy(&in, &storage, sizeof in);
  return ntohs(in.sin_port);
}

}  // namespace

void Descriptor::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

std::string loopback(Family family) {
  return family == Family::v4 ? "127.0.0.1" : "::1";
}

// Two sockets may be bound to one port when both say SO_REUSEADDR and at most one listens: this one
// never does.
ReservedPort::ReservedPort(Family family)
    : socket_(bound_socket(family, 0)), number_(port_of(socket_.fd())) {}

ReservedPair::ReservedPair() {
  for (const WaitLimit limit; !v6_ && !limit.is_over();) {
    v4_ = bound_socket(Family::v4, 0);
    number_ = port_of(v4_.fd());
    v6_ = try_bind(Family::v6, number_);
  }
  if (!v6_) give_up("no port is free on both loopback families");
}

Descriptor listen_on(Family family, std::uint16_t port) {
  Descriptor result = bound_socket(family, port);
  if (listen(result.fd(), 512) != 0)
    give_up("cannot listen on port " + std::to_string(port) + ": " + reason());
  return result;
}

Descriptor listen_on_path(const std::string& path) {
  Descriptor result = make_socket(AF_UNIX);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) give_up("too long for a unix socket: " + path);
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  unlink(path.c_str());
  if (bind(result.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(result.fd(), 512) != 0) {
    give_up("cannot listen on " + path + ": " + reason());
  }
  return result;
}

Descriptor connect_to(Family family, std::uint16_t port, int receive_buffer, WaitLimit deadline) {
  Descriptor result = make_socket(family == Family::v4 ? AF_INET : AF_INET6);
  if (receive_buffer > 0)
    setsockopt(result.fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int on = 1;
  setsockopt(result.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const Address address = address_of(family, port);
  const std::string where = loopback(family) + " port " + std::to_string(port);
  fcntl(result.fd(), F_SETFL, fcntl(result.fd(), F_GETFL) | O_NONBLOCK);
  if (connect(result.fd(), address.get(), address.size) != 0) {
    if (errno != EINPROGRESS) give_up("cannot connect to " + where + ": " + reason());
    if (!wait_ready(result.fd(), POLLOUT, deadline)) give_up("nobody accepts on " + where);
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(result.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    if (error != 0) give_up("cannot connect to " + where + ": " + reason());
  }
  return result;
}

bool is_listening(Family family, std::uint16_t port) {
  const Descriptor probe = make_socket(family == Family::v4 ? AF_INET : AF_INET6);
  const Address address = address_of(family, port);
  return connect(probe.fd(), address.get(), address.size) == 0;
}

bool wait_ready(int fd, short events, WaitLimit deadline) {
  pollfd polled{fd, events, 0};
  for (;;) {
    const int ready = poll(&polled, 1, deadline.left());
    if (ready > 0) return true;
    if (ready < 0 && errno == EINTR) continue;
    return false;
  }
}

}  // namespace devproxy
