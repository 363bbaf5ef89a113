// `devproxy doctor`: gathers facts, lets the checks judge them, mends what it may.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/dirs.h"
#include "base/text.h"
#include "base/version.h"
#include "certs/command_runner.h"
#include "cli/commands/commands.h"
#include "cli/doctor/firewall.h"
#include "cli/doctor/folders.h"
#include "cli/doctor/machine.h"
#include "cli/doctor/names.h"
#include "cli/doctor/ports.h"
#include "cli/doctor/proxy.h"
#include "cli/doctor/report.h"
#include "cli/doctor/stale.h"
#include "cli/doctor/variables.h"
#include "cli/project/project.h"
#include "cli/project/service_ports.h"
#include "cli/running/find_proxy.h"
#include "cli/terminal/environment.h"

namespace devproxy {
namespace {

/// The file found here, if any, with the ports that its services have.
struct Project {
  std::optional<Config> config;
  Diagnoses findings;
};

/// A broken file keeps nobody from looking at the machine, unless it was asked for and is not
/// there.
tl::expected<Project, Failure> find_project(const Invocation& invocation) {
  const LoadRequest request = load_request(invocation);
  LoadOutcome outcome = load(request);
  Project project;
  if (outcome.result) {
    show_ports(*outcome.result);
    project.config = std::move(*outcome.result);
    return project;
  }
  Problems& problems = outcome.result.error();
  const bool missing = problems.size() == 1 && problems.front().code == "config.missing";
  if (missing) return project;
  // Nothing to point at: the file that was named cannot be read.
  if (problems.size() == 1 && problems.front().at.line == 0)
    return tl::unexpected(invalid_file(std::move(problems)));
  const Problem& first = problems.front();
  project.findings.push_back(
      {Health::problem, "file", "file.invalid",
       fmt::format("{}:{}: {}{}", escape_own(shown_path(first.at.file)), first.at.line,
                   escape(first.message),
                   problems.size() == 1 ? "" : fmt::format("; and {} more", problems.size() - 1)),
       "devproxy check"});
  return project;
}

ResolverFacts resolver_facts(const Config* config, CommandRunner& runner) {
  ResolverFacts facts;
  facts.names = resolve_names(names_to_resolve(config));
  if (const auto curl = runner.find("curl")) {
    if (const auto result = runner.run({*curl, "--version"}, {}); result && result->worked())
      facts.curl = parse_curl_version(result->output);
  }
  if (config != nullptr) {
    facts.domains = config->proxy.domains;
    facts.domains.insert(facts.domains.end(), {"localhost", "test"});
  }
  if (runner.find("apt-get")) facts.install = "sudo apt install libnss-myhostname";
  return facts;
}

bool asks_for_ipv6(const Config& config) {
  for (const ListenAddress& address : config.proxy.listen) {
    if (!address.is_default && address.host.find(':') != std::string::npos) return true;
  }
  return false;
}

ProxyFacts proxy_facts(const Config* config, std::vector<RunningProxy> proxies) {
  ProxyFacts facts;
  facts.version = std::string(program_version);
  if (config != nullptr) {
    facts.file = config->file;
    facts.wanted = config->proxy.listen;
  }
  for (RunningProxy& proxy : proxies) {
    if (config != nullptr && proxy.file == config->file && !facts.running) {
      facts.running = std::move(proxy);
    } else {
      facts.others.push_back(std::move(proxy));
    }
  }
  return facts;
}

void append(Diagnoses& to, Diagnoses more) {
  for (Diagnosis& finding : more) to.push_back(std::move(finding));
}

void mend(Diagnoses& findings, const StaleFacts& stale, const Dirs& dirs) {
  for (Diagnosis& finding : findings) {
    switch (finding.fix) {
      case Fix::none:
        break;
      case Fix::end_stale_runs:
        finding.fixed = end_stale_processes(stale);
        break;
      case Fix::forget_ports:
        finding.fixed = forget_ports(dirs);
        break;
    }
  }
}

}  // namespace

Outcome run_doctor(const Invocation& invocation, const Console& console) {
  auto project = find_project(invocation);
  if (!project) return tl::unexpected(project.error());
  const Config* const config = project->config ? &*project->config : nullptr;
  SystemRunner runner;
  DoctorReport report;
  if (config != nullptr) {
    report.project = config->project;
    report.file = shown_path(config->file);
  }
  report.findings = std::move(project->findings);

  const auto dirs = find_dirs();
  StaleFacts stale;
  std::vector<std::string> dead;
  if (dirs) dead = dead_sockets(*dirs);
  std::vector<std::string> silent;
  std::vector<RunningProxy> proxies;
  for (FoundProxy& found : find_proxies(std::chrono::milliseconds(2'000), &silent))
    proxies.push_back(std::move(found.facts));
  if (dirs) stale = stale_facts(*dirs, proxies);
  stale.sockets = std::move(dead);

  LoopbackFacts loopback = loopback_facts();
  loopback.ipv6_is_asked_for = config != nullptr && asks_for_ipv6(*config);
  ProxyFacts proxy = proxy_facts(config, std::move(proxies));
  proxy.silent = std::move(silent);
  proxy.has_ipv6 = loopback.has_ipv6;
  report.resolver = resolver_facts(config, runner);

  append(report.findings, check_listeners(proxy));
  append(report.findings,
         check_ports(port_report(with_processes(listening_sockets()), config, kernel_ports())));
  append(report.findings, check_names(report.resolver));
  append(report.findings,
         check_environment(environment_facts(environment, names_to_resolve(config))));
  append(report.findings, check_ca(ca_facts(config)));
  if (dirs) append(report.findings, check_folders(folder_facts(*dirs)));
  append(report.findings, check_loopback(loopback));
  append(report.findings, check_firewall(firewall_facts(runner)));
  append(report.findings, check_descriptors(descriptor_facts()));
  append(report.findings, check_inotify(inotify_facts()));
  append(report.findings, check_stale(stale));
  sort_by_importance(report.findings);
  if (invocation.fix && dirs) mend(report.findings, stale, *dirs);

  DoctorView view;
  if (console.terminal) view.width = terminal_width();
  view.colour = console.colour;
  write_out(invocation.json ? doctor_form(report) + "\n" : doctor_text(report, view));
  return report.count(Health::problem) > 0 ? ExitCode::failed : ExitCode::done;
}

}  // namespace devproxy
