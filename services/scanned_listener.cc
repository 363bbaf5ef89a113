#include "services/scanned_listener.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/process_facts.h"
#include "base/socket_holders.h"
#include "base/text.h"
#include "services/run_mark.h"

namespace devproxy {
namespace {

constexpr std::size_t longest_chain = 32;

bool is_shell_name(std::string_view name) {
  constexpr std::array<std::string_view, 10> shells{"sh",  "bash", "zsh", "fish", "dash",
                                                    "ksh", "tcsh", "csh", "nu",   "pwsh"};
  return std::find(shells.begin(), shells.end(), name) != shells.end();
}

/// A terminal's shell begins a session; the shell that npm uses for a script belongs to one.
bool is_shell_of_terminal(const ProcessFacts& facts) {
  return facts.has_terminal && is_shell_name(facts.name) && ::getsid(facts.pid) == facts.pid;
}

class Processes final {
 public:
  std::vector<ScannedProcess> chain_of(pid_t holder) {
    std::vector<ScannedProcess> chain;
    pid_t pid = holder;
    while (pid > 1 && chain.size() < longest_chain) {
      const std::optional<ProcessFacts>& facts = facts_of(pid);
      if (!facts || facts->uid != ::geteuid()) break;
      chain.push_back({facts->pid, facts->name, facts->command, facts->folder, facts->started,
                       is_shell_of_terminal(*facts)});
      pid = facts->parent;
    }
    return chain;
  }

 private:
  const std::optional<ProcessFacts>& facts_of(pid_t pid) {
    const auto known = known_.find(pid);
    return known != known_.end() ? known->second
                                 : known_.emplace(pid, process_facts(pid)).first->second;
  }

  std::map<pid_t, std::optional<ProcessFacts>> known_;
};

}  // namespace

std::vector<ScannedListener> describe_listeners(const std::vector<TcpSocket>& sockets) {
  const std::vector<std::optional<pid_t>> holders = holders_of(sockets);
  Processes processes;
  std::vector<ScannedListener> listeners;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    ScannedListener listener{sockets[i], {}, {}};
    if (holders[i]) {
      listener.chain = processes.chain_of(*holders[i]);
      listener.mark = run_mark_of(*holders[i]);
    }
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

std::vector<TcpSocket> own_loopback_listeners(ListenerTable& table) {
  static const std::array reachable{mapped({127, 0, 0, 1}), mapped({0, 0, 0, 0}), *parse_ip("::1"),
                                    *parse_ip("::")};
  std::vector<TcpSocket> sockets = table.read();
  std::erase_if(sockets, [](const TcpSocket& socket) {
    return socket.uid != ::geteuid() ||
           std::find(reachable.begin(), reachable.end(), socket.local.address) == reachable.end();
  });
  return sockets;
}

std::string describe(const ScannedProcess& process) {
  return fmt::format("{} (pid {})", escape(process.name), process.pid);
}

}  // namespace devproxy
