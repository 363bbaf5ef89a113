#include "control/sockets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/directory.h"

namespace devproxy {
namespace {

constexpr std::string_view prefix = "control-";
constexpr std::string_view suffix = ".sock";

bool is_socket_name(std::string_view name) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return false;
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// When it was made, and its path.
using Found = std::pair<timespec, std::string>;

std::vector<Found> socket_files(const std::string& runtime) {
  std::vector<Found> found;
  struct stat there {};
  // In /tmp anybody could have made the folder: what is not ours alone is not looked into.
  if (lstat(runtime.c_str(), &there) != 0 || !S_ISDIR(there.st_mode) || there.st_uid != geteuid())
    return found;
  Directory folder(runtime.c_str());
  if (!folder) return found;
  while (const char* const name = folder.next()) {
    if (!is_socket_name(name)) continue;
    const std::string path = runtime + "/" + name;
    if (lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode) && there.st_uid == geteuid())
      found.emplace_back(there.st_mtim, path);
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return std::pair(a.first.tv_sec, a.first.tv_nsec) < std::pair(b.first.tv_sec, b.first.tv_nsec);
  });
  return found;
}

/// Errno, or 0 when `descriptor` is connected. Never waits: whoever hangs lets his queue fill up,
/// and the next one would stand in front of it for ever (EAGAIN).
int connect_to(const std::string& path, int descriptor) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int flags = fcntl(descriptor, F_GETFL);
  fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  const int error =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                            : errno;
  fcntl(descriptor, F_SETFL, flags);
  return error;
}

/// Nobody has listened there since its process was killed.
bool is_abandoned(int error) {
  return error == ECONNREFUSED;
}

}  // namespace

std::string control_socket_path(const std::string& runtime, pid_t pid) {
  return fmt::format("{}/{}{}{}", runtime, prefix, pid, suffix);
}

Result<void> check_control_path(const std::string& runtime) {
  constexpr pid_t longest = 4'194'304;  // what Linux counts to
  const std::string path = control_socket_path(runtime, longest);
  if (path.size() + 1 < sizeof sockaddr_un::sun_path) return {};  // one more until it listens
  return fail(
      Code::invalid, Source::system,
      fmt::format("{} is too long for a socket; set XDG_RUNTIME_DIR to a shorter folder", runtime));
}

int connect_to_proxy(const std::string& runtime, pid_t pid) {
  const std::string path = control_socket_path(runtime, pid);
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0 || !S_ISSOCK(there.st_mode) || there.st_uid != geteuid())
    return -1;
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  if (descriptor < 0) return -1;
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  if (connect_to(path, descriptor) == 0) return descriptor;
  close(descriptor);
  return -1;
}

std::vector<ControlSocket> connect_to_proxies(const std::string& runtime) {
  std::vector<ControlSocket> sockets;
  for (const auto& [made, path] : socket_files(runtime)) {
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor < 0) break;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    const int error = connect_to(path, descriptor);
    if (error == 0) {
      sockets.push_back({path, descriptor});
      continue;
    }
    close(descriptor);
    if (is_abandoned(error)) unlink(path.c_str());
  }
  return sockets;
}

std::vector<std::string> abandoned_sockets(const std::string& runtime) {
  std::vector<std::string> abandoned;
  for (const auto& [made, path] : socket_files(runtime)) {
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor < 0) break;
    if (is_abandoned(connect_to(path, descriptor))) abandoned.push_back(path);
    close(descriptor);
  }
  return abandoned;
}

}  // namespace devproxy
