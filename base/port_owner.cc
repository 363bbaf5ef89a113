#include "base/port_owner.h"

#include <fmt/format.h>
#include <pwd.h>

#include <vector>

#include "base/socket_holders.h"
#include "base/tcp_sockets.h"
#include "base/text.h"

namespace devproxy {
namespace {

std::string user_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? escape(found->pw_name) : fmt::format("id {}", uid);
}

}  // namespace

std::optional<PortOwner> port_owner(std::string_view host, std::uint16_t port) {
  const auto address = parse_ip(host == "localhost" ? "127.0.0.1" : host);
  if (!address) return std::nullopt;
  const std::vector<TcpSocket> sockets = listening_sockets();
  const TcpSocket* listener = find_listener(sockets, *address, port);
  if (listener == nullptr) return std::nullopt;

  PortOwner owner;
  owner.uid = listener->uid;
  owner.address = to_text(listener->local.address);
  if (const auto pid = holders_of({*listener}).front()) owner.process = process_facts(*pid);
  return owner;
}

std::string describe(const PortOwner& owner) {
  if (!owner.process) return "a process of user " + user_name(owner.uid);
  if (owner.process->name.empty()) return fmt::format("pid {}", owner.process->pid);
  return fmt::format("{} (pid {})", escape(owner.process->name), owner.process->pid);
}

}  // namespace devproxy
