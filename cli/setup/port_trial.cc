#include "cli/setup/port_trial.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/project/low_ports.h"
#include "cli/project/url_table.h"

namespace devproxy {
namespace {

/// A socket and the address that it is for; closed with the object.
class Socket final {
 public:
  Socket(const std::string& host, std::uint16_t port) {
    const bool is_v6 = host.find(':') != std::string::npos;
    if (is_v6) {
      auto* const ipv6 = reinterpret_cast<sockaddr_in6*>(&address_);
      ipv6->sin6_family = AF_INET6;
      ipv6->sin6_port = htons(port);
      ::inet_pton(AF_INET6, host.c_str(), &ipv6->sin6_addr);
      size_ = sizeof *ipv6;
    } else {
      auto* const ipv4 = reinterpret_cast<sockaddr_in*>(&address_);
      ipv4->sin_family = AF_INET;
      ipv4->sin_port = htons(port);
      ::inet_pton(AF_INET, host.c_str(), &ipv4->sin_addr);
      size_ = sizeof *ipv4;
    }
    descriptor_ = ::socket(address_.ss_family, SOCK_STREAM, 0);
    if (descriptor_ < 0) return;
    ::fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
    const int on = 1;
    ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_v6) ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  /// 0, or why not.
  int listen() const {
    const bool listens =
        ::bind(descriptor_, address(), size_) == 0 && ::listen(descriptor_, 1) == 0;
    return listens ? 0 : errno;
  }
  bool connect() const { return ::connect(descriptor_, address(), size_) == 0; }

 private:
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }

  sockaddr_storage address_{};
  socklen_t size_ = 0;
  int descriptor_ = -1;
};

PortState state_of(int error) {
  switch (error) {
    case 0:
      return PortState::possible;
    case EACCES:
    case EPERM:
      return PortState::denied;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return PortState::missing;
    default:
      return PortState::taken;
  }
}

}  // namespace

PortTrial try_port(const std::string& host, std::uint16_t port,
                   const std::vector<RunningProxy>& own) {
  PortTrial trial{host, port, PortState::missing, std::nullopt};
  const bool is_ours = std::any_of(own.begin(), own.end(), [&trial](const RunningProxy& proxy) {
    return std::any_of(proxy.listeners.begin(), proxy.listeners.end(),
                       [&trial](const BoundAddress& address) {
                         return address.host == trial.host && address.port == trial.port;
                       });
  });
  if (is_ours) {
    trial.state = PortState::ours;
    return trial;
  }
  const Socket socket(host, port);
  if (!socket.is_open()) return trial;
  trial.state = state_of(socket.listen());
  // The system looks at the privilege first: who else is there must be asked for.
  if (trial.state == PortState::denied || trial.state == PortState::taken)
    trial.owner = port_owner(host, port);
  return trial;
}

std::vector<PortTrial> try_low_ports(const std::vector<RunningProxy>& own) {
  std::vector<PortTrial> trials;
  for (const ListenAddress& address : low_listeners())
    trials.push_back(try_port(address.host, address.port, own));
  return trials;
}

bool accepts(const std::string& host, std::uint16_t port) {
  const Socket socket(host, port);
  return socket.is_open() && socket.connect();
}

std::string address_of(const PortTrial& trial) {
  return address_text({trial.host, trial.port});
}

bool is_taken(const PortTrial& trial) {
  return trial.state == PortState::taken || trial.owner.has_value();
}

}  // namespace devproxy
