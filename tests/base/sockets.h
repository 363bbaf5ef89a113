// Real TCP sockets of one process on loopback, for tests of what the system tells about them.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace devproxy {

/// A descriptor that closes itself.
class Descriptor final {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close_now(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  void close_now() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  in_port_t port() const {
    return ntohs(storage.ss_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  }
};

inline SocketAddress socket_address(const std::string& ip, in_port_t port) {
  SocketAddress address;
  if (ip.find(':') == std::string::npos) {
    auto* ipv4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons(port);
    inet_pton(AF_INET, ip.c_str(), &ipv4->sin_addr);
    address.size = sizeof *ipv4;
  } else {
    auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(port);
    inet_pton(AF_INET6, ip.c_str(), &ipv6->sin6_addr);
    address.size = sizeof *ipv6;
  }
  return address;
}

/// Listens on a free port of `ip`; on "::" also for IPv4. number() is -1 where the system lacks the
/// family.
class ListeningSocket final {
 public:
  explicit ListeningSocket(const std::string& ip)
      : socket_(::socket(ip.find(':') == std::string::npos ? AF_INET : AF_INET6, SOCK_STREAM, 0)) {
    SocketAddress address = socket_address(ip, 0);
    const int off = 0;
    if (address.get()->sa_family == AF_INET6) {
      setsockopt(socket_.number(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (bind(socket_.number(), address.get(), address.size) != 0 ||
        listen(socket_.number(), 4) != 0) {
      socket_.close_now();
      return;
    }
    getsockname(socket_.number(), address_.get(), &address_.size);
  }

  int number() const { return socket_.number(); }
  in_port_t port() const { return address_.port(); }

 private:
  Descriptor socket_;
  SocketAddress address_;
};

/// A client connected to `listener` through `ip`, and the accepted end.
struct Connection {
  Connection(const ListeningSocket& listener, const std::string& ip)
      : client(::socket(ip.find(':') == std::string::npos ? AF_INET : AF_INET6, SOCK_STREAM, 0)),
        server(connect_and_accept(client.number(), listener, ip)) {
    getpeername(server.number(), peer.get(), &peer.size);
    getsockname(server.number(), local.get(), &local.size);
  }

  static int connect_and_accept(int client, const ListeningSocket& listener,
                                const std::string& ip) {
    const SocketAddress to = socket_address(ip, listener.port());
    if (connect(client, to.get(), to.size) != 0) return -1;
    return accept(listener.number(), nullptr, nullptr);
  }

  Descriptor client;
  Descriptor server;
  SocketAddress peer;   ///< as the accepted end sees the client
  SocketAddress local;  ///< the accepted end's own address
};

}  // namespace devproxy
