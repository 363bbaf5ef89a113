#include "cli/listen_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/port_owner.h"
#include "base/text.h"
#include "cli/running_project.h"
#include "cli/url_table.h"

namespace devproxy {
namespace {

constexpr const char* elsewhere =
    "choose another port: listen = [\"127.0.0.1:6290\"] under [proxy]";

bool is_held(const std::vector<BoundAddress>& held, const BoundAddress& wanted) {
  return std::any_of(held.begin(), held.end(), [&wanted](const BoundAddress& address) {
    return address.host == wanted.host && address.port == wanted.port;
  });
}

/// An address that the file asks for, and what for.
struct Wanted {
  BoundAddress address;
  const TcpPort* tcp = nullptr;  ///< null: a listener of [proxy]
};

std::vector<Wanted> all_wanted(const Config& config) {
  std::vector<Wanted> all;
  for (const ListenAddress& address : config.proxy.listen)
    all.push_back({{address.host, address.port}});
  for (const TcpPort& port : config.tcp) {
    for (const char* host : {"127.0.0.1", "::1"}) all.push_back({{host, port.port}, &port});
  }
  return all;
}

struct InTheWay {
  BoundAddress address;
  PortOwner owner;
};

/// `failed`: the address that could not be bound; when its owner cannot be seen, that of another.
std::optional<InTheWay> find_owner(const std::vector<Wanted>& all, const std::string& failed,
                                   const std::vector<BoundAddress>& held) {
  std::optional<InTheWay> other;
  for (const Wanted& wanted : all) {
    if (wanted.address.port == 0 || is_held(held, wanted.address)) continue;
    const bool is_failed = address_text(wanted.address) == failed;
    if (other && !is_failed) continue;
    auto owner = port_owner(wanted.address.host, wanted.address.port);
    if (!owner) continue;
    if (is_failed) return InTheWay{wanted.address, std::move(*owner)};
    if (wanted.tcp == nullptr) other = InTheWay{wanted.address, std::move(*owner)};
  }
  return other;
}

const TcpPort* tcp_of(const std::vector<Wanted>& all, const std::string& address) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Wanted& wanted) {
    return wanted.tcp != nullptr && address_text(wanted.address) == address;
  });
  return found == all.end() ? nullptr : found->tcp;
}

/// Behind an address: " (listen of db)".
std::string purpose(const TcpPort* tcp) {
  return tcp == nullptr ? "" : fmt::format(" (listen of {})", tcp->service);
}

/// How to get out of the way.
std::string way_out(const TcpPort* tcp) {
  if (tcp == nullptr) return elsewhere;
  return fmt::format("choose another port: listen = {} under [services.{}]",
                     tcp->port == 65535 ? 15432 : tcp->port + 1, tcp->service);
}

void describe_taken(Failure& failure, const InTheWay& taken, const TcpPort* tcp) {
  failure.message = fmt::format("{}{} is taken by {}", address_text(taken.address), purpose(tcp),
                                describe(taken.owner));
  if (!taken.owner.pid) {
    failure.hint = way_out(tcp);
  } else if (taken.owner.command == "devproxy") {
    if (const auto project = running_project(*taken.owner.pid, taken.address.port)) {
      failure.message += fmt::format(
          ", which serves the project {} ({}){}", project->name, escape(project->file),
          project->service.empty() ? std::string()
                                   : fmt::format(" and its service {} there", project->service));
    }
    failure.hint =
        fmt::format("{}: stop it with Ctrl-C in its terminal (or kill {}), or {}",
                    tcp == nullptr ? "one proxy runs already" : "two projects ask for one port",
                    *taken.owner.pid, way_out(tcp));
  } else {
    failure.hint = fmt::format("stop it (kill {}), or {}", *taken.owner.pid, way_out(tcp));
  }
}

}  // namespace

Failure listen_failure(const Error& error, const Config& config,
                       const std::vector<BoundAddress>& held) {
  Failure failure;
  if (error.source == Source::config) {
    // Not an address: a certificate of the user's own.
    failure.exit = ExitCode::usage;
    failure.code = "tls.certificate";
    failure.message = error.detail;
    return failure;
  }
  const std::vector<Wanted> all = all_wanted(config);
  const TcpPort* const tcp = tcp_of(all, error.detail);
  switch (error.code) {
    case Code::taken:
      failure.exit = ExitCode::conflict;
      failure.code = "listen.taken";
      failure.message = error.detail + purpose(tcp) + " is taken";
      // A port of the ephemeral range may be the other end's of any connection.
      failure.hint =
          "nobody that can be seen listens there, so a connection may be using it just "
          "now: try again, or " +
          way_out(tcp);
      if (const auto taken = find_owner(all, error.detail, held))
        describe_taken(failure, *taken, tcp);
      break;
    case Code::denied:
      failure.exit = ExitCode::permission;
      failure.code = "listen.denied";
      failure.message = error.detail + purpose(tcp) + ": no permission to listen there";
      failure.hint = fmt::format(
          "ports below 1024 need a privilege: take one above, as in {}, or "
          "allow them once with sudo sysctl net.ipv4.ip_unprivileged_port_start={}",
          tcp == nullptr
              ? std::string("listen = [\"127.0.0.1:6289\"] under [proxy]")
              : fmt::format("listen = {} under [services.{}]", tcp->port + 10'000, tcp->service),
          tcp == nullptr ? 80 : tcp->port);
      break;
    case Code::missing:
      failure.code = "listen.missing";
      failure.message = error.detail + ": this machine has no such address";
      failure.hint =
          "correct listen under [proxy]; on Linux, ip address shows the addresses that there are";
      break;
    default:
      failure.code = "listen.failed";
      failure.message = "cannot listen on " + error.detail;
      failure.hint =
          "correct listen under [proxy], or raise the limit of open files (ulimit -n) if that is "
          "the cause";
  }
  return failure;
}

}  // namespace devproxy
