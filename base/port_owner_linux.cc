// The Linux part of port_owner: /proc/net/tcp{,6} tell the sockets, /proc/<pid>/fd who holds them.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "base/tcp_sockets.h"
#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::size_t max_table = 64U << 20;  // some 400,000 sockets

std::string read_file(const std::string& path) {
  std::string text;
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return text;
  std::array<char, 16384> buffer;
  while (text.size() < max_table) {
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(descriptor);
  return text;
}

std::string read_link(const std::string& path) {
  std::array<char, 512> buffer;
  const ssize_t size = readlink(path.c_str(), buffer.data(), buffer.size());
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

/// Calls `visit(name)` for the entries of a folder until it returns true; whether it did.
template <class Visit>
bool visit_entries(const std::string& path, Visit visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (!folder) return false;
  while (const dirent* entry =
             readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): our own DIR
    if (visit(std::string_view(entry->d_name))) return true;
  }
  return false;
}

std::string command_of(std::string_view pid) {
  std::string command = read_file(fmt::format("/proc/{}/comm", pid));
  while (!command.empty() && command.back() == '\n') command.pop_back();
  // Newer nodes name their main thread, not themselves.
  if (!command.empty() && command != "MainThread") return command;
  const std::string program = read_link(fmt::format("/proc/{}/exe", pid));
  return program.substr(program.rfind('/') + 1);
}

}  // namespace

std::vector<TcpSocket> tcp_sockets() {
  std::vector<TcpSocket> sockets = parse_proc_net_tcp(read_file("/proc/net/tcp"));
  for (const TcpSocket& socket : parse_proc_net_tcp(read_file("/proc/net/tcp6"))) {
    sockets.push_back(socket);
  }
  return sockets;
}

std::optional<SocketHolder> holder_of(const TcpSocket& socket) {
  const std::string link = fmt::format("socket:[{}]", socket.inode);
  std::optional<SocketHolder> holder;
  visit_entries("/proc", [&](std::string_view pid) {
    const auto number = parse_number(pid);
    if (!number) return false;
    const std::string descriptors = fmt::format("/proc/{}/fd", pid);
    const bool holds = visit_entries(descriptors, [&](std::string_view descriptor) {
      return read_link(fmt::format("{}/{}", descriptors, descriptor)) == link;
    });
    if (holds) holder = SocketHolder{static_cast<pid_t>(*number), command_of(pid)};
    return holds;
  });
  return holder;
}

}  // namespace devproxy
