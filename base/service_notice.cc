#include "base/service_notice.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <ctime>

namespace devproxy {

ServiceNotice ServiceNotice::take() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is only one thread yet
  const char* const value = std::getenv("NOTIFY_SOCKET");
  std::string socket = value == nullptr ? "" : value;
  ::unsetenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): see there
  return ServiceNotice(std::move(socket));
}

void ServiceNotice::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                   static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000));
}

void ServiceNotice::send(std::string_view text) const {
  sockaddr_un address{};
  // Virtual machines have "vsock:…": not for us.
  if (socket_.size() < 2 || socket_.size() >= sizeof address.sun_path ||
      (socket_.front() != '/' && socket_.front() != '@'))
    return;
  address.sun_family = AF_UNIX;
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  if (socket_.front() == '@') address.sun_path[0] = '\0';  // an abstract name: no file, Linux only
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  if (descriptor < 0) return;
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  // Whoever does not listen is not waited for.
  ::sendto(descriptor, text.data(), text.size(), MSG_DONTWAIT,
           reinterpret_cast<const sockaddr*>(&address), size);
  ::close(descriptor);
}

}  // namespace devproxy
