#include "cli/attach/listen_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/free_port.h"
#include "base/port_owner.h"
#include "base/text.h"
#include "cli/project/url_table.h"
#include "cli/running/running_project.h"
#include "cli/terminal/environment.h"
#include "cli/terminal/process_words.h"

namespace devproxy {
namespace {

/// The ports beside our own, in the order in which they are proposed.
constexpr std::uint16_t first_other = 6290;
constexpr std::uint16_t last_other = 6299;

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

const Wanted* find_wanted(const std::vector<Wanted>& all, const std::string& address) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Wanted& wanted) {
    return address_text(wanted.address) == address;
  });
  return found == all.end() ? nullptr : &*found;
}

/// As its file has it: where several projects are carried it is "shop/db".
std::string_view own_name(const TcpPort& tcp) {
  const std::string_view service = tcp.service;
  return service.substr(service.find('/') + 1);  // npos + 1 is the whole
}

/// Behind an address: " (listen of db)", " (listen of db of shop)".
std::string purpose(const TcpPort* tcp) {
  if (tcp == nullptr) return "";
  const std::string_view name = own_name(*tcp);
  const std::size_t project = tcp->service.size() - name.size();
  return project == 0 ? fmt::format(" (listen of {})", name)
                      : fmt::format(" (listen of {} of {})", name,
                                    std::string_view(tcp->service).substr(0, project - 1));
}

std::string table_of(const TcpPort* tcp) {
  return tcp == nullptr ? "[proxy]" : fmt::format("[services.{}]", own_name(*tcp));
}

/// How to get out of the way: a port that is free now.
std::string way_out(const TcpPort* tcp) {
  std::uint16_t port = first_other;
  if (tcp == nullptr) {
    while (port < last_other && !is_free(port)) ++port;
    return fmt::format("choose another port: listen = [\"127.0.0.1:{}\"] under [proxy]", port);
  }
  port = tcp->port;
  const std::uint16_t last = port > 65'435 ? 65'535 : static_cast<std::uint16_t>(port + 100);
  while (port < last && !is_free(port)) ++port;
  return fmt::format("choose another port: listen = {} under [services.{}]", port, own_name(*tcp));
}

/// `setup` allows 80 and what is above.
std::string way_to_allow(std::uint16_t port) {
  return port >= 80 ? "devproxy setup"
                    : fmt::format("sudo sysctl net.ipv4.ip_unprivileged_port_start={}", port);
}

bool is_other_proxy(const PortOwner& owner) {
  return owner.process && owner.process->name == "devproxy" &&
         owner.process->keeper == ProcessKeeper{};
}

/// One proxy cannot listen there both for HTTP and for a service.
const Wanted* find_tcp_beside(const std::vector<Wanted>& all, const Wanted& wanted) {
  if (wanted.tcp != nullptr) return nullptr;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Wanted& other) {
    return other.tcp != nullptr && other.address.port == wanted.address.port;
  });
  return found == all.end() ? nullptr : &*found;
}

void describe_twice(Failure& failure, const Wanted& wanted, const TcpPort& tcp) {
  failure.message = fmt::format(
      "{} is asked for twice: as a listener of the proxy, and for the TCP port of {} ({}:{})",
      address_text(wanted.address), own_name(tcp), escape_own(tcp.at.file), tcp.at.line);
  failure.hint = way_out(&tcp) + ", or another listen under [proxy]";
}

void describe_taken(Failure& failure, const Wanted& wanted, const PortOwner& owner) {
  const TcpPort* const tcp = wanted.tcp;
  failure.message = fmt::format(
      "{}{} is taken by {}", address_text(wanted.address), purpose(tcp),
      whole_text(owner, environment("HOME").value_or(""), std::chrono::system_clock::now()));
  if (!is_other_proxy(owner)) {
    failure.hint = fmt::format("{}, or {}", way_to_stop(owner, wanted.address.port), way_out(tcp));
    return;
  }
  if (const auto project = running_project(*owner.process, wanted.address.port)) {
    failure.message += fmt::format(
        ", which serves the project {} ({}){}", project->name, escape_own(project->file),
        project->service.empty() ? std::string()
                                 : fmt::format(" and its service {} there", project->service));
  }
  failure.hint =
      fmt::format("{}: stop it with {}, or {}",
                  tcp == nullptr ? "one proxy runs already" : "two projects ask for one port",
                  is_shared_proxy(*owner.process)
                      ? "devproxy stop (or its project with devproxy down)"
                      : fmt::format("Ctrl-C in its terminal (or kill {})", owner.process->pid),
                  way_out(tcp));
}

}  // namespace

Failure listen_failure(const Error& error, const Config& config) {
  Failure failure;
  if (error.source == Source::config) {
    // Not an address: a certificate of the user's own.
    failure.exit = ExitCode::usage;
    failure.code = "tls.certificate";
    failure.message = error.detail;
    return failure;
  }
  const std::vector<Wanted> all = all_wanted(config);
  const Wanted* const wanted = find_wanted(all, error.detail);
  const TcpPort* const tcp = wanted == nullptr ? nullptr : wanted->tcp;
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
      if (wanted == nullptr) break;
      if (const Wanted* const other = find_tcp_beside(all, *wanted)) {
        describe_twice(failure, *wanted, *other->tcp);
        break;
      }
      if (const auto owner = port_owner(wanted->address.host, wanted->address.port))
        describe_taken(failure, *wanted, *owner);
      break;
    case Code::denied:
      failure.exit = ExitCode::permission;
      failure.code = "listen.denied";
      failure.message = error.detail + purpose(tcp) + ": no permission to listen there";
      failure.hint = fmt::format(
          "ports below 1024 need a privilege: take one above, as in {}, or allow them once with {}",
          tcp == nullptr
              ? std::string("listen = [\"127.0.0.1:6289\"] under [proxy]")
              : fmt::format("listen = {} under [services.{}]", tcp->port + 10'000, own_name(*tcp)),
          way_to_allow(tcp == nullptr ? std::uint16_t{80} : tcp->port));
      break;
    case Code::missing:
      failure.code = "listen.missing";
      failure.message = error.detail + ": this machine has no such address";
      failure.hint = "correct listen under " + table_of(tcp) +
                     "; on Linux, ip address shows the addresses that there are";
      break;
    default:
      failure.code = "listen.failed";
      failure.message = "cannot listen on " + error.detail;
      failure.hint = "correct listen under " + table_of(tcp) +
                     ", or raise the limit of open files (ulimit -n) if that is the cause";
  }
  return failure;
}

}  // namespace devproxy
