#include "cli/ports/probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "base/port_owner.h"
#include "base/tcp_sockets.h"
#include "cli/project/url_table.h"
#include "config/values.h"

namespace devproxy {
namespace {

constexpr int patience_ms = 1000;
constexpr std::size_t max_addresses = 4;

class Socket final {
 public:
  explicit Socket(int family) : descriptor_(::socket(family, SOCK_STREAM, 0)) {
    if (descriptor_ >= 0) ::fcntl(descriptor_, F_SETFL, O_NONBLOCK);
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// 0, or the errno of why not.
  int connect(const sockaddr* address, socklen_t length) const {
    if (descriptor_ < 0) return errno;
    if (::connect(descriptor_, address, length) == 0) return refused_by_itself();
    if (errno != EINPROGRESS) return errno;
    pollfd entry{descriptor_, POLLOUT, 0};
    if (::poll(&entry, 1, patience_ms) != 1) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? refused_by_itself() : error;
  }

 private:
  /// Nobody listens where a socket reaches itself.
  int refused_by_itself() const {
    if (!is_own_peer(descriptor_)) return 0;
    const linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return ECONNREFUSED;
  }

  int descriptor_;
};

void conclude(BackendAddress& backend, int error) {
  backend.listening = error == 0;
  if (error != 0) backend.why_not = std::generic_category().message(error);
}

struct Probe {
  std::vector<BackendAddress> operator()(const PortTarget& target) const {
    return {probe_tcp("127.0.0.1", target.port), probe_tcp("::1", target.port)};
  }
  std::vector<BackendAddress> operator()(const UrlTarget& target) const {
    // As the proxy does it: no DNS is asked for these.
    if (is_localhost(target.host)) return (*this)(PortTarget{target.port});
    return probe_name(target.host, target.port);
  }
  std::vector<BackendAddress> operator()(const UnixTarget& target) const {
    return {probe_unix(target.path)};
  }
  std::vector<BackendAddress> operator()(const RedirectTarget& /*target*/) const { return {}; }
  std::vector<BackendAddress> operator()(const CommandTarget& target) const {
    const std::uint16_t port = target.listens_on != 0 ? target.listens_on : target.port;
    if (port == 0) return {};
    return (*this)(PortTarget{port});
  }
  std::vector<BackendAddress> operator()(const FollowTarget& target) const {
    if (target.found.value_or(0) == 0) return {};
    return (*this)(PortTarget{*target.found});
  }
};

}  // namespace

BackendAddress probe_tcp(const std::string& host, std::uint16_t port) {
  BackendAddress backend;
  backend.address = address_text({host, port});
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    conclude(backend, Socket(AF_INET).connect(reinterpret_cast<const sockaddr*>(&v4), sizeof v4));
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    conclude(backend, Socket(AF_INET6).connect(reinterpret_cast<const sockaddr*>(&v6), sizeof v6));
  } else {
    backend.why_not = "not an address";
  }
  if (!backend.listening || !is_loopback(host)) return backend;
  if (auto owner = port_owner(host, port)) {
    backend.owner = describe(*owner);
    backend.process = std::move(owner->process);
  }
  return backend;
}

BackendAddress probe_unix(const std::string& path) {
  BackendAddress backend;
  backend.address = "unix:" + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    conclude(backend, ENAMETOOLONG);
    return backend;
  }
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  conclude(backend,
           Socket(AF_UNIX).connect(reinterpret_cast<const sockaddr*>(&address), sizeof address));
  return backend;
}

std::vector<BackendAddress> probe_name(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (status != 0) {
    BackendAddress backend;
    backend.address = address_text({host, port});
    backend.why_not = ::gai_strerror(status);
    return {backend};
  }
  std::vector<BackendAddress> backends;
  for (const addrinfo* each = found; each != nullptr && backends.size() < max_addresses;
       each = each->ai_next) {
    char text[NI_MAXHOST] = "";
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) != 0)
      continue;
    backends.push_back(probe_tcp(text, port));
  }
  return backends;
}

std::vector<BackendAddress> probe(const Target& target) {
  return std::visit(Probe{}, target);
}

std::string owner_text(const std::string& host, std::uint16_t port) {
  const auto owner = port_owner(host, port);
  return owner ? describe(*owner) : "";
}

}  // namespace devproxy
