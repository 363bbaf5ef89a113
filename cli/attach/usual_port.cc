#include "cli/attach/usual_port.h"

#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/files.h"
#include "base/free_port.h"
#include "base/port_owner.h"
#include "base/process_facts.h"
#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::uint16_t last_port = 6299;

std::string file_of(const std::string& state_dir) {
  return state_dir + "/port";
}

/// The descriptors of others are hidden, the names of their processes are not.
bool runs_devproxy(uid_t user) {
  const auto pids = all_processes();
  return std::any_of(pids.begin(), pids.end(), [user](pid_t pid) {
    const auto facts = process_facts(pid);
    return facts && facts->uid == user && facts->name == "devproxy";
  });
}

std::string user_name(uid_t user) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? std::to_string(user) : found->pw_name;
}

}  // namespace

std::uint16_t usual_port_of(const std::string& state_dir) {
  const auto text = read_file(file_of(state_dir), 16);
  const auto port = text ? parse_number(text->substr(0, text->find('\n'))) : std::nullopt;
  return port && *port > usual_port && *port <= last_port ? static_cast<std::uint16_t>(*port)
                                                          : usual_port;
}

void remember_usual_port(const std::string& state_dir, std::uint16_t port) {
  // Next time it is found out again.
  static_cast<void>(write_atomically(file_of(state_dir), std::to_string(port) + "\n", 0600));
}

bool is_usual(const ListenAddress& listen) {
  return listen.is_default && listen.port >= usual_port && listen.port <= last_port;
}

std::optional<Config> with_usual_port(const Config& config, std::uint16_t port) {
  const auto& listen = config.proxy.listen;
  const auto differs = [port](const ListenAddress& each) {
    return is_usual(each) && each.port != port;
  };
  if (std::none_of(listen.begin(), listen.end(), differs)) return std::nullopt;
  Config other = config;
  for (ListenAddress& each : other.proxy.listen) {
    if (is_usual(each)) each.port = port;
  }
  return other;
}

std::optional<OtherUser> usual_port_of_another(const Config& config) {
  for (const ListenAddress& listen : config.proxy.listen) {
    if (!is_usual(listen)) continue;
    const auto owner = port_owner(listen.host, listen.port);
    if (!owner || owner->uid == ::geteuid() || !runs_devproxy(owner->uid)) continue;
    for (std::uint16_t port = usual_port + 1; port <= last_port; ++port) {
      if (is_free(port)) return OtherUser{user_name(owner->uid), port};
    }
  }
  return std::nullopt;
}

}  // namespace devproxy
