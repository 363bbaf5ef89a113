// `devproxy ports`.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

#include "base/free_port.h"
#include "base/loop.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/ports/ports_form.h"
#include "cli/ports/ports_text.h"
#include "cli/ports/ports_watch.h"
#include "cli/project/followed_places.h"
#include "cli/project/project.h"
#include "cli/project/service_ports.h"
#include "cli/running/config_in_force.h"
#include "cli/running/find_proxy.h"
#include "cli/terminal/environment.h"
#include "cli/terminal/line_writer.h"
#include "cli/terminal/signals.h"

namespace devproxy {
namespace {

/// How long a slow reader of our output may keep us from ending.
constexpr int finish_ms = 200;

Failure usage(std::string code, std::string message, std::string hint) {
  return {ExitCode::usage, "usage." + std::move(code), std::move(message), std::move(hint), {}};
}

/// "5173", or what was copied from somewhere: ":5173", "127.0.0.1:5173", "http://localhost:5173/".
tl::expected<std::uint16_t, Failure> parse_asked_port(std::string_view text) {
  std::string_view digits = text;
  if (const std::size_t scheme = digits.find("://"); scheme != std::string_view::npos)
    digits.remove_prefix(scheme + 3);
  digits = digits.substr(0, digits.find('/'));
  if (const std::size_t colon = digits.rfind(':'); colon != std::string_view::npos)
    digits.remove_prefix(colon + 1);
  const auto number = parse_number(digits);
  if (!number || *number == 0 || *number > 65'535) {
    return tl::unexpected(usage("port", fmt::format("\"{}\" is no port", escape(text)),
                                "a port is a number from 1 to 65535: devproxy ports 5173"));
  }
  return static_cast<std::uint16_t>(*number);
}

/// The file found here, if any. A broken one must not keep anybody from looking at ports, unless it
/// was asked for by name.
struct PortsProject {
  std::optional<Config> config;
  std::string problem;
};

tl::expected<PortsProject, Failure> find_ports_project(const Invocation& invocation) {
  const LoadRequest request = load_request(invocation);
  LoadOutcome outcome = load(request);
  if (outcome.result) {
    show_ports(*outcome.result);
    show_followed(*outcome.result);
    if (const auto proxy = find_proxy_of(outcome.result->file))
      show_running(*outcome.result, proxy->facts);
    return PortsProject{std::move(*outcome.result), ""};
  }
  Problems& problems = outcome.result.error();
  const bool named =
      request.file.has_value() || !environment("DEVPROXY_CONFIG").value_or("").empty();
  if (named) return tl::unexpected(invalid_file(std::move(problems)));
  const bool missing = problems.size() == 1 && problems.front().code == "config.missing";
  if (missing) return PortsProject{};
  return PortsProject{
      std::nullopt,
      "devproxy.toml has problems, so its services are not named here: devproxy check "
      "shows them"};
}

const Config* config_of(const PortsProject& project) {
  return project.config ? &*project.config : nullptr;
}

Outcome print_free_port(const Invocation& invocation, const PortsProject& project) {
  std::vector<ExpectedPort> expected;
  if (project.config) expected = expected_ports(*project.config);
  const auto port = find_free_port(kernel_ports(), [&expected](std::uint16_t candidate) {
    return std::none_of(expected.begin(), expected.end(),
                        [candidate](const ExpectedPort& each) { return each.port == candidate; });
  });
  if (!port) {
    return tl::unexpected(
        Failure{ExitCode::failed,
                "ports.none_free",
                "no port is free outside of the ephemeral range",
                "make that range smaller: sudo sysctl net.ipv4.ip_local_port_range='32768 60999'",
                {}});
  }
  write_out(invocation.json ? free_port_form(*port) + "\n" : fmt::format("{}\n", *port));
  return ExitCode::done;
}

PortsView view_for(const Console& console) {
  PortsView view;
  if (console.terminal) view.width = terminal_width();
  view.colour = console.colour;
  view.home = environment("HOME").value_or("");
  view.now = std::chrono::system_clock::now();
  return view;
}

/// What all devproxys of this user that run have.
std::vector<RunningPort> running_ports() {
  constexpr std::chrono::milliseconds short_patience{300};
  std::vector<RunningPort> ports;
  for (const FoundProxy& found : find_proxies(short_patience)) {
    const RunningProxy& proxy = found.facts;
    for (const RunningService& service : proxy.services) {
      const std::uint16_t port = service.listens_on != 0 ? service.listens_on : service.port;
      if (service.process != 0 && port != 0)
        ports.push_back({port, proxy.project, service.name, 0});
    }
    if (proxy.attached_to != 0) continue;  // the other one has the listeners
    for (const BoundAddress& listener : proxy.listeners)
      ports.push_back({listener.port, proxy.shared ? "" : proxy.project, "", proxy.pid});
  }
  return ports;
}

PortReport named_report(std::vector<HeldSocket> sockets, const PortsProject& project,
                        const KernelPorts& kernel) {
  PortReport report = port_report(std::move(sockets), config_of(project), kernel);
  name_rows(report.rows, running_ports());
  return report;
}

std::string shown(const Invocation& invocation, PortReport report,
                  std::optional<std::uint16_t> port, const PortsView& view) {
  fold_twins(report.rows);
  if (invocation.json) return ports_form(report, port) + "\n";
  return port ? port_text(report, *port, view) : ports_table(report, view);
}

/// Known without writing: there may be no change to tell for hours.
bool reader_is_gone() {
  pollfd entry{STDOUT_FILENO, 0, 0};
  return ::poll(&entry, 1, 0) == 1 && (entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

/// Until Ctrl-C, or until the reader of our output is gone.
void follow(const Invocation& invocation, const Console& console, const PortsProject& project,
            std::optional<std::uint16_t> port) {
  const KernelPorts kernel = kernel_ports();
  const auto make_report = [&project, &kernel](std::vector<HeldSocket> sockets) {
    return named_report(std::move(sockets), project, kernel);
  };
  PortReport report = make_report(with_processes(listening_sockets()));
  report.file_problem = project.problem;

  Loop loop;
  LineWriter out(loop.agenda(), STDOUT_FILENO);
  const Signals signals(loop, [&loop](int /*signal*/) { loop.stop(); });
  out.append(shown(invocation, port ? only_port(report, *port) : report, port, view_for(console)));
  if (console.terminal && !invocation.json) out.append("\nChanges follow. Ctrl-C ends.\n");
  const PortsWatch watch(
      loop.agenda(), std::move(report.rows), make_report,
      [&](const PortRow& row, bool opened) {
        if (port && row.port() != *port) return;
        const PortsView view = view_for(console);
        out.append(invocation.json ? port_event(row, report, opened, view.now) + "\n"
                                   : change_line(row, opened, view));
      },
      [&loop] {
        if (reader_is_gone()) loop.stop();
      });
  loop.run();
  out.finish(finish_ms);
}

}  // namespace

Outcome run_ports(const Invocation& invocation, const Console& console) {
  std::optional<std::uint16_t> port;
  if (!invocation.argument.empty()) {
    const auto asked = parse_asked_port(invocation.argument);
    if (!asked) return tl::unexpected(asked.error());
    port = *asked;
  }
  if (invocation.free && (port || invocation.watch)) {
    return tl::unexpected(
        usage("free", "--free takes neither a port nor --watch",
              port ? fmt::format("devproxy ports {} says whether it is taken", *port)
                   : "devproxy ports --free prints one port and ends"));
  }
  const auto project = find_ports_project(invocation);
  if (!project) return tl::unexpected(project.error());
  if (invocation.free) return print_free_port(invocation, *project);
  if (invocation.watch) {
    follow(invocation, console, *project, port);
    return ExitCode::done;
  }
  PortReport report = named_report(with_processes(listening_sockets()), *project, kernel_ports());
  report.file_problem = project->problem;
  if (port) report = only_port(std::move(report), *port);
  const bool nobody = port && report.rows.empty();
  write_out(shown(invocation, std::move(report), port, view_for(console)));
  return nobody ? ExitCode::not_running : ExitCode::done;
}

}  // namespace devproxy
