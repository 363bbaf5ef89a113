// What a devproxy.toml and the ports as they are do not agree about.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.h"
#include "cli/ports/port_report.h"
#include "cli/project/url_table.h"
#include "cli/terminal/process_words.h"
#include "services/port_book.h"

namespace devproxy {
namespace {

PortOwner owner_of_row(const PortRow& row) {
  return {row.held.process, row.held.socket.uid, row.host()};
}

std::string short_owner(const PortRow& row) {
  const auto& process = row.held.process;
  if (!process) return hidden_owner_text(row.held.socket.uid);
  return fmt::format("{} (pid {})", escape(process->name), process->pid);
}

const PortRow* row_at(const PortReport& report, const std::string& host, std::uint16_t port) {
  const auto address = parse_ip(host);
  if (!address) return nullptr;
  std::vector<TcpSocket> sockets;
  for (const PortRow& row : report.rows) sockets.push_back(row.held.socket);
  const TcpSocket* found = find_listener(sockets, *address, port);
  return found == nullptr ? nullptr : &report.rows[static_cast<std::size_t>(found - &sockets[0])];
}

/// Whether neither of the two folders lies in the other. The system tells folders without links.
bool are_apart(const std::string& a, const std::string& b) {
  const auto is_below = [](const std::string& below, const std::string& above) {
    const auto relative =
        std::filesystem::path(below).lexically_relative(std::filesystem::path(above));
    return !relative.empty() && *relative.begin() != "..";
  };
  return !is_below(a, b) && !is_below(b, a);
}

void add_proxy_conflicts(const PortReport& report, const ExpectedPort& expected,
                         std::vector<PortConflict>& conflicts) {
  const std::string change = expected.stable_for.empty()
                                 ? "listen under [proxy]"
                                 : fmt::format("listen under [services.{}]", expected.stable_for);
  const PortRow* row = row_at(report, expected.host, expected.port);
  if (row != nullptr && !row->of_proxy) {
    conflicts.push_back(
        {"taken", expected.port,
         fmt::format("{}, where the proxy of {} listens, is taken by {}",
                     address_text({expected.host, expected.port}), report.project,
                     short_owner(*row)),
         way_to_stop(owner_of_row(*row), expected.port) +
             fmt::format(", or change {} to a port of: devproxy ports --free", change)});
  }
  if (expected.stable_for.empty() && browsers_refuse(expected.port)) {
    conflicts.push_back(
        {"refused_by_browsers", expected.port,
         fmt::format("no browser opens port {}, where the proxy of {} listens", expected.port,
                     report.project),
         fmt::format("change {} to another port, as devproxy ports --free finds one", change)});
  }
}

void add_service_conflicts(const PortReport& report, const ExpectedPort& expected,
                           const Config& config, std::vector<PortConflict>& conflicts) {
  const PortRow* first = nullptr;
  if (expected.either_loopback) {
    const PortRow* ipv4 = row_at(report, "127.0.0.1", expected.port);
    const PortRow* ipv6 = row_at(report, "::1", expected.port);
    first = ipv4 != nullptr ? ipv4 : ipv6;
    const bool both = ipv4 != nullptr && ipv6 != nullptr;
    if (both && ipv4->held.process && ipv6->held.process &&
        ipv4->held.process->pid != ipv6->held.process->pid) {
      conflicts.push_back({"two_owners", expected.port,
                           fmt::format("port {} of {} has two servers: {} is {}, {} is {}",
                                       expected.port, expected.service, ipv4->address(),
                                       short_owner(*ipv4), ipv6->address(), short_owner(*ipv6)),
                           "requests go to the IPv4 one first; stop the one that you do not mean"});
    }
  } else {
    first = row_at(report, expected.host, expected.port);
  }
  if (first == nullptr) return;
  const auto& process = first->held.process;
  if (!process || process->uid != geteuid()) {
    const uid_t uid = process ? process->uid : first->held.socket.uid;
    if (uid != geteuid()) {
      conflicts.push_back({"other_user", expected.port,
                           fmt::format("port {} of {} is held by another user (uid {})",
                                       expected.port, expected.service, uid),
                           "fine if you started it that way; else " +
                               way_to_stop(owner_of_row(*first), expected.port)});
    }
  } else if (process->keeper == ProcessKeeper{} && !process->folder.empty() &&
             are_apart(process->folder, real_path(config.root))) {
    conflicts.push_back(
        {"elsewhere", expected.port,
         fmt::format("port {} of {} is held by {}, which runs outside of this "
                     "project, in {}",
                     expected.port, expected.service, short_owner(*first), escape(process->folder)),
         "if that is another project's server: " +
             way_to_stop(owner_of_row(*first), expected.port)});
  }
}

}  // namespace

std::vector<PortConflict> port_conflicts(const PortReport& report, const Config& config) {
  std::vector<PortConflict> conflicts;
  for (const ExpectedPort& expected : report.expected) {
    if (expected.service.empty()) {
      add_proxy_conflicts(report, expected, conflicts);
    } else {
      add_service_conflicts(report, expected, config, conflicts);
    }
    if (report.kernel.hands_out(expected.port)) {
      conflicts.push_back(
          {"ephemeral", expected.port,
           fmt::format("port {} of {} lies in the ephemeral range {}-{}: any outgoing connection "
                       "may take it before its server starts",
                       expected.port, expected.service.empty() ? "the proxy" : expected.service,
                       report.kernel.ephemeral.first, report.kernel.ephemeral.last),
           "give the server another one, as devproxy ports --free finds it"});
    }
  }
  return conflicts;
}

}  // namespace devproxy
