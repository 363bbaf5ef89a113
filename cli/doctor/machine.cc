#include "cli/doctor/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr int patience_ms = 1000;

class Socket final {
 public:
  explicit Socket(int family) : descriptor_(::socket(family, SOCK_STREAM, 0)) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address loopback(int family) {
  Address address;
  if (family == AF_INET) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.size = sizeof v4;
    std::memcpy(&address.storage, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    address.size = sizeof v6;
    std::memcpy(&address.storage, &v6, sizeof v6);
  }
  return address;
}

struct Attempt {
  bool bound = false;
  int error = 0;
};

/// A listener on any port, and a connection to it: what a firewall, or a lo interface that is
/// down, would not let through.
Attempt connect_to_self(int family) {
  const Socket listener(family);
  Address address = loopback(family);
  if (listener.get() < 0 || ::bind(listener.get(), address.raw(), address.size) != 0 ||
      ::listen(listener.get(), 1) != 0)
    return {false, errno};
  if (::getsockname(listener.get(), address.raw(), &address.size) != 0) return {true, errno};
  const Socket client(family);
  if (client.get() < 0) return {true, errno};
  ::fcntl(client.get(), F_SETFL, O_NONBLOCK);
  if (::connect(client.get(), address.raw(), address.size) == 0) return {true, 0};
  if (errno != EINPROGRESS) return {true, errno};
  pollfd entry{client.get(), POLLOUT, 0};
  if (::poll(&entry, 1, patience_ms) != 1) return {true, ETIMEDOUT};
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(client.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return {true, error};
}

std::string words_of(int error) {
  return error == 0 ? "" : lower(std::generic_category().message(error));
}

bool is_nearly(std::uint64_t used, std::uint64_t most) {
  return used >= most - most / 10;
}

std::string sysctl_mend(const char* name, std::uint64_t value) {
  return fmt::format("echo '{}={}' | sudo tee /etc/sysctl.d/60-{}.conf && sudo sysctl --system",
                     name, value,
                     std::string_view(name).substr(std::string_view(name).rfind('.') + 1));
}

void check_inotify_limit(Diagnoses& found, const char* thing, std::uint64_t used,
                         std::uint64_t most, std::uint64_t enough) {
  const std::string name = fmt::format("fs.inotify.max_user_{}", thing);
  const std::uint64_t better = std::max(enough, most * 4);
  if (is_nearly(used, most)) {
    found.push_back({Health::problem, "inotify", fmt::format("inotify.{}", thing),
                     fmt::format("{} of {} inotify {} of this user are used: watching files fails "
                                 "(\"no space left on device\", ENOSPC, EMFILE), so reloads are "
                                 "missed",
                                 used, most, thing),
                     sysctl_mend(name.c_str(), better)});
  } else if (most < enough) {
    found.push_back({Health::warning, "inotify", fmt::format("inotify.low_{}", thing),
                     fmt::format("this user may have {} inotify {} ({} are used): few for dev "
                                 "servers that watch node_modules",
                                 most, thing, used),
                     sysctl_mend(name.c_str(), better)});
  }
}

}  // namespace

DescriptorFacts descriptor_facts() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  return {limit.rlim_cur, limit.rlim_max};
}

LoopbackFacts loopback_facts() {
  LoopbackFacts facts;
  facts.ipv4_error = words_of(connect_to_self(AF_INET).error);
  const Attempt ipv6 = connect_to_self(AF_INET6);
  facts.has_ipv6 = ipv6.bound;
  facts.ipv6_error = words_of(ipv6.error);
  return facts;
}

Diagnoses check_descriptors(const DescriptorFacts& facts) {
  constexpr std::uint64_t few = 1024;
  constexpr std::uint64_t enough = 8192;
  if (facts.hard >= enough) {
    return {{Health::ok, "descriptors", "descriptors.fine",
             fmt::format("each process may have {} files and connections open",
                         facts.hard > 1'000'000'000 ? std::string("any number of")
                                                    : std::to_string(facts.hard)),
             ""}};
  }
  const std::string mend =
      "raise it: echo '* hard nofile 65536' | sudo tee /etc/security/limits.d/nofile.conf, then "
      "log in again; in a container: --ulimit nofile=65536";
  return {{facts.hard < few ? Health::problem : Health::warning, "descriptors", "descriptors.few",
           fmt::format("a process may have {} files and connections open: each request needs two, "
                       "each WebSocket keeps two",
                       facts.hard),
           mend}};
}

Diagnoses check_inotify(const InotifyFacts& facts) {
  if (!facts.max_watches || !facts.max_instances) return {};
  Diagnoses found;
  check_inotify_limit(found, "watches", facts.watches, *facts.max_watches, 65'536);
  check_inotify_limit(found, "instances", facts.instances, *facts.max_instances, 128);
  if (!found.empty()) return found;
  return {{Health::ok, "inotify", "inotify.fine",
           fmt::format("{} of {} watches and {} of {} instances are used", facts.watches,
                       *facts.max_watches, facts.instances, *facts.max_instances),
           ""}};
}

Diagnoses check_loopback(const LoopbackFacts& facts) {
  Diagnoses found;
  const std::string blocked =
      "see what stands in the way: ip address show lo; sudo nft list ruleset";
  if (!facts.ipv4_error.empty()) {
    found.push_back({Health::problem, "loopback", "loopback.ipv4",
                     fmt::format("a connection to 127.0.0.1 fails: {}", facts.ipv4_error),
                     blocked});
  }
  if (!facts.has_ipv6 && facts.ipv6_is_asked_for) {
    found.push_back({Health::problem, "loopback", "loopback.no_ipv6",
                     fmt::format("the file asks for ::1, which this machine does not have ({})",
                                 facts.ipv6_error),
                     "take [::1] out of listen under [proxy], or: sudo sysctl "
                     "net.ipv6.conf.lo.disable_ipv6=0"});
  } else if (facts.has_ipv6 && !facts.ipv6_error.empty()) {
    found.push_back(
        {Health::problem, "loopback", "loopback.ipv6",
         fmt::format("a connection to ::1 fails: {}; browsers try it first", facts.ipv6_error),
         blocked});
  }
  if (found.empty()) {
    found.push_back({Health::ok, "loopback", "loopback.fine",
                     facts.has_ipv6 ? "connections to 127.0.0.1 and ::1 get through"
                                    : "connections to 127.0.0.1 get through; there is no IPv6 "
                                      "here, which nothing needs",
                     ""});
  }
  return found;
}

}  // namespace devproxy
