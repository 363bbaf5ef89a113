#include "base/inherited_sockets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include "base/tcp_sockets.h"
#include "base/text.h"

namespace devproxy {
namespace {

constexpr int first_descriptor = 3;
constexpr std::uint64_t most_descriptors = 1024;

/// A number of the environment, which does not have it any more.
std::optional<std::uint64_t> take_number(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is only one thread yet
  const char* const value = std::getenv(name);
  const auto number = value == nullptr ? std::nullopt : parse_number(value);
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): see there
  return number;
}

std::vector<int> promised_descriptors(InheritedSockets& into) {
  const auto pid = take_number("LISTEN_PID");
  const auto count = take_number("LISTEN_FDS");
  ::unsetenv("LISTEN_FDNAMES");  // NOLINT(concurrency-mt-unsafe): there is only one thread yet
  ::unsetenv("LISTEN_PIDFDID");  // NOLINT(concurrency-mt-unsafe): see there
  std::vector<int> descriptors;
  // Meant for a parent of ours, which forgot to take it away.
  if (!count || pid != static_cast<std::uint64_t>(::getpid())) return descriptors;
  if (*count > most_descriptors) {
    into.refused.push_back(fmt::format("LISTEN_FDS={} is more than anybody passes on", *count));
    return descriptors;
  }
  for (int i = 0; i < static_cast<int>(*count); ++i) descriptors.push_back(first_descriptor + i);
  return descriptors;
}

tl::unexpected<Error> useless(int descriptor, std::string_view why) {
  return fail(Code::invalid, Source::system,
              fmt::format("the inherited descriptor {} {}", descriptor, why));
}

}  // namespace

InheritedSockets take_inherited_sockets() {
  InheritedSockets inherited;
  std::vector<int> descriptors = promised_descriptors(inherited);
  for (const int descriptor : sockets_of_launchd()) descriptors.push_back(descriptor);
  for (const int descriptor : descriptors) {
    // Programs that we start must not hold them.
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
      inherited.refused.push_back(
          fmt::format("the inherited descriptor {} is not open", descriptor));
      continue;
    }
    auto socket = describe_inherited(descriptor);
    if (socket) {
      inherited.sockets.push_back(std::move(*socket));
    } else {
      inherited.refused.push_back(socket.error().detail);
    }
  }
  return inherited;
}

Result<InheritedSocket> describe_inherited(int descriptor) {
  sockaddr_storage address{};
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, generic, &size) != 0) {
    return useless(descriptor, errno == ENOTSOCK
                                   ? "is no socket"
                                   : "says: " + std::generic_category().message(errno));
  }
  const auto end = to_tcp_end(generic);
  int type = 0;
  socklen_t type_size = sizeof type;
  ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &type_size);
  if (!end || type != SOCK_STREAM)
    return useless(descriptor, "is no socket for TCP (ListenStream=127.0.0.1:443 makes one)");
  sockaddr_storage peer{};
  size = sizeof peer;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0)
    return useless(descriptor, "is a connection, not a listener (write Accept=no)");
  if (end->port == 0) return useless(descriptor, "is not bound to a port");
  return InheritedSocket{to_text(end->address), end->port, descriptor};
}

}  // namespace devproxy
