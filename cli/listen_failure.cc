#include "cli/listen_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/free_port.h"
#include "base/port_owner.h"
#include "cli/environment.h"
#include "cli/process_words.h"
#include "cli/url_table.h"

namespace devproxy {
namespace {

/// The ports beside our own, in the order in which they are proposed.
constexpr std::uint16_t first_other = 6290;
constexpr std::uint16_t last_other = 6299;

std::string elsewhere() {
  std::uint16_t port = first_other;
  while (port < last_other && !is_free(port)) ++port;
  return fmt::format("choose another port: listen = [\"127.0.0.1:{}\"] under [proxy]", port);
}

bool is_held(const std::vector<BoundAddress>& held, const ListenAddress& wanted) {
  return std::any_of(held.begin(), held.end(), [&wanted](const BoundAddress& address) {
    return address.host == wanted.host && address.port == wanted.port;
  });
}

struct InTheWay {
  BoundAddress address;
  PortOwner owner;
};

std::optional<InTheWay> find_owner(const Config& config, const std::vector<BoundAddress>& held) {
  for (const ListenAddress& wanted : config.proxy.listen) {
    if (wanted.port == 0 || is_held(held, wanted)) continue;
    if (auto owner = port_owner(wanted.host, wanted.port))
      return InTheWay{{wanted.host, wanted.port}, std::move(*owner)};
  }
  return std::nullopt;
}

void describe_taken(Failure& failure, const InTheWay& taken) {
  failure.message = fmt::format(
      "{} is taken by {}", address_text(taken.address),
      whole_text(taken.owner, environment("HOME").value_or(""), std::chrono::system_clock::now()));
  const auto& process = taken.owner.process;
  if (process && process->name == "devproxy" && process->keeper == ProcessKeeper{}) {
    failure.hint = fmt::format(
        "one proxy runs already: stop it with Ctrl-C in its terminal (or kill {}), or {}",
        process->pid, elsewhere());
  } else {
    failure.hint =
        fmt::format("{}, or {}", way_to_stop(taken.owner, taken.address.port), elsewhere());
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
  switch (error.code) {
    case Code::taken:
      failure.exit = ExitCode::conflict;
      failure.code = "listen.taken";
      failure.message = error.detail + " is taken";
      failure.hint = elsewhere();
      if (const auto taken = find_owner(config, held)) describe_taken(failure, *taken);
      break;
    case Code::denied:
      failure.exit = ExitCode::permission;
      failure.code = "listen.denied";
      failure.message = error.detail + ": no permission to listen there";
      failure.hint =
          "ports below 1024 need a privilege: take one above, as in listen = [\"127.0.0.1:6289\"] "
          "under [proxy], or "
          "allow them once with sudo sysctl net.ipv4.ip_unprivileged_port_start=80";
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
