#include "cli/ports/port_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/socket_holders.h"
#include "base/text.h"
#include "cli/project/url_table.h"
#include "config/values.h"

namespace devproxy {
namespace {

struct Expected {
  const Service& service;

  std::optional<ExpectedPort> operator()(const PortTarget& target) const {
    return ExpectedPort{target.port, service.name, true, "", service.at, ""};
  }
  std::optional<ExpectedPort> operator()(const UrlTarget& target) const {
    if (target.host != "localhost" && !devproxy::is_loopback(target.host)) return std::nullopt;
    const bool either = target.host == "localhost";
    return ExpectedPort{target.port, service.name, either, either ? "" : target.host, service.at,
                        ""};
  }
  std::optional<ExpectedPort> operator()(const CommandTarget& target) const {
    if (target.port == 0) return std::nullopt;  // none was given to it yet
    const std::uint16_t port = target.listens_on != 0 ? target.listens_on : target.port;
    return ExpectedPort{port, service.name, true, "", service.at, ""};
  }
  std::optional<ExpectedPort> operator()(const FollowTarget& target) const {
    if (target.found.value_or(0) == 0) return std::nullopt;  // it is nowhere
    return ExpectedPort{*target.found, service.name, true, "", service.at, ""};
  }
  std::optional<ExpectedPort> operator()(const UnixTarget& /*target*/) const {
    return std::nullopt;
  }
  std::optional<ExpectedPort> operator()(const RedirectTarget& /*target*/) const {
    return std::nullopt;
  }
};

bool meets(const TcpSocket& socket, const std::string& host, std::uint16_t port) {
  const auto address = parse_ip(host);
  return address && find_listener({socket}, *address, port) != nullptr;
}

bool meets(const TcpSocket& socket, const ExpectedPort& expected) {
  if (!expected.either_loopback) return meets(socket, expected.host, expected.port);
  return meets(socket, "127.0.0.1", expected.port) || meets(socket, "::1", expected.port);
}

PortRow row_of(HeldSocket held, const std::vector<ExpectedPort>& expected,
               const std::string& project) {
  PortRow row;
  for (const ExpectedPort& each : expected) {
    if (!meets(held.socket, each)) continue;
    if (each.service.empty()) {
      row.of_proxy = held.process && held.process->name == "devproxy";
    } else if (row.service.empty()) {
      row.service = each.service;
    }
  }
  row.held = std::move(held);
  if (row.of_proxy || !row.service.empty()) row.project = project;
  return row;
}

auto order(const PortRow& row) {
  const TcpSocket& socket = row.held.socket;
  return std::tuple(row.port(), !is_ipv4(socket.local.address), socket.local.address,
                    row.held.process ? row.held.process->pid : 0);
}

}  // namespace

std::string PortRow::address() const {
  return address_text({host(), port()});
}

bool PortRow::is_loopback() const {
  return devproxy::is_loopback(host());
}

std::vector<HeldSocket> with_processes(const std::vector<TcpSocket>& sockets) {
  const std::vector<std::optional<pid_t>> holders = holders_of(sockets);
  std::vector<HeldSocket> found;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    HeldSocket held{sockets[i], std::nullopt};
    if (holders[i]) held.process = process_facts(*holders[i]);
    found.push_back(std::move(held));
  }
  return found;
}

std::vector<ExpectedPort> expected_ports(const Config& config) {
  std::vector<ExpectedPort> ports;
  for (const Service& service : config.services) {
    if (auto expected = std::visit(Expected{service}, service.target))
      ports.push_back(std::move(*expected));
  }
  for (const ListenAddress& address : config.proxy.listen) {
    if (address.port != 0) ports.push_back({address.port, "", false, address.host, address.at, ""});
  }
  for (const TcpPort& tcp : config.tcp) {
    for (const char* const host : {"127.0.0.1", "::1"})
      ports.push_back({tcp.port, "", false, host, tcp.at, tcp.service});
  }
  return ports;
}

std::string expected_by_text(const ExpectedPort& expected, const std::string& project) {
  if (!expected.stable_for.empty())
    return "the proxy of " + project + " for " + expected.stable_for;
  return (expected.service.empty() ? "the proxy" : expected.service) + " of " + project;
}

PortReport port_report(std::vector<HeldSocket> sockets, const Config* config, KernelPorts kernel) {
  PortReport report;
  report.kernel = std::move(kernel);
  if (config != nullptr) {
    report.project = config->project;
    report.file = config->file;
    report.expected = expected_ports(*config);
  }
  for (HeldSocket& held : sockets)
    report.rows.push_back(row_of(std::move(held), report.expected, report.project));
  std::sort(report.rows.begin(), report.rows.end(),
            [](const PortRow& a, const PortRow& b) { return order(a) < order(b); });
  if (config != nullptr) report.conflicts = port_conflicts(report, *config);
  return report;
}

void name_rows(std::vector<PortRow>& rows, const std::vector<RunningPort>& running) {
  for (PortRow& row : rows) {
    if (row.of_proxy || !row.service.empty()) continue;
    const auto names = [&row](const RunningPort& each) {
      if (each.port != row.port()) return false;
      return !each.service.empty() || (row.held.process && row.held.process->pid == each.proxy);
    };
    const auto found = std::find_if(running.begin(), running.end(), names);
    if (found == running.end()) continue;
    row.project = found->project;
    row.service = found->service;
    row.of_proxy = found->service.empty();
  }
}

std::string belongs_text(const PortRow& row) {
  if (row.of_proxy)
    return "the proxy of " + (row.project.empty() ? "all projects" : escape(row.project));
  return row.service.empty() ? "" : fmt::format("{} of {}", row.service, escape(row.project));
}

void fold_twins(std::vector<PortRow>& rows) {
  const auto last = std::unique(rows.begin(), rows.end(), [](const PortRow& a, const PortRow& b) {
    return a.held.process && order(a) == order(b);
  });
  rows.erase(last, rows.end());
}

PortReport only_port(PortReport report, std::uint16_t port) {
  std::erase_if(report.rows, [port](const PortRow& row) { return row.port() != port; });
  std::erase_if(report.expected,
                [port](const ExpectedPort& expected) { return expected.port != port; });
  std::erase_if(report.conflicts,
                [port](const PortConflict& conflict) { return conflict.port != port; });
  return report;
}

}  // namespace devproxy
