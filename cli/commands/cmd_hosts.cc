// `devproxy hosts sync`, `hosts clean` and `hosts print`.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/dirs.h"
#include "base/files.h"
#include "base/text.h"
#include "certs/command_runner.h"
#include "cli/commands/asking.h"
#include "cli/commands/commands.h"
#include "cli/project/project.h"
#include "cli/setup/hosts_file.h"
#include "cli/setup/hosts_form.h"
#include "cli/setup/hosts_names.h"
#include "cli/terminal/program_path.h"
#include "config/values.h"

namespace devproxy {
namespace {

constexpr std::uint16_t usual_dns_port = 15353;

/// What the command line may hold one by one, but not together.
std::optional<Failure> wrong_arguments(const Invocation& invocation) {
  static const std::vector<std::string_view> actions{"sync", "clean", "print"};
  const std::string& action = invocation.argument;
  const auto usage = [](std::string code, std::string message, std::string hint) {
    return Failure{ExitCode::usage, "usage." + code, std::move(message), std::move(hint), {}};
  };
  if (action.empty()) {
    return usage("missing_argument", "hosts needs to know what to do",
                 "write devproxy hosts sync, hosts clean or hosts print");
  }
  if (std::find(actions.begin(), actions.end(), action) == actions.end()) {
    return usage(
        "unexpected_argument", fmt::format("hosts cannot \"{}\"", escape(action)),
        nearest_hint(action, actions, "write devproxy hosts sync, hosts clean or hosts print"));
  }
  if (invocation.dns && action != "print") {
    return usage("unexpected_argument", "--dns belongs to hosts print",
                 "write devproxy hosts print --dns");
  }
  if (!invocation.names_file.empty() && action != "sync") {
    return usage("unexpected_argument", "--from belongs to hosts sync",
                 "write devproxy hosts sync --from FILE");
  }
  return std::nullopt;
}

struct Wanted {
  std::vector<HostsProject> projects;
  std::vector<LeftOutName> left_out;
};

Failure unusable(const std::string& file, const std::string& what) {
  return {ExitCode::usage,
          "hosts.names",
          fmt::format("{} {}", escape_own(file), what),
          "write it with: devproxy hosts print > " + shell_quoted(std::string_view(file)),
          {}};
}

/// `--from`: names as `hosts print` wrote them. Root reads them, so each is looked at closely.
tl::expected<Wanted, Failure> read_names(const std::string& file) {
  const auto text = read_file(file);
  if (!text) return tl::unexpected(unusable(file, "cannot be read: " + text.error().detail));
  auto hosts = parse_hosts(*text, file);
  if (!hosts) return tl::unexpected(unusable(file, "is damaged: " + hosts.error().detail));
  for (const HostsProject& project : hosts->projects) {
    for (const std::string& name : project.names) {
      const auto host = parse_host(name);
      if (!host || *host != name || name.find('*') != std::string::npos || name == "localhost")
        return tl::unexpected(unusable(file, fmt::format("names \"{}\"", escape(name))));
    }
  }
  return Wanted{std::move(hosts->projects), {}};
}

/// This project first, then what runs. Without a file here what runs is enough.
tl::expected<Wanted, Failure> wanted_names(const Invocation& invocation) {
  if (!invocation.names_file.empty()) return read_names(invocation.names_file);
  Wanted wanted;
  LoadOutcome outcome = load(load_request(invocation));
  if (outcome.result) {
    HostsNames own = hosts_names(*outcome.result);
    wanted.projects.push_back(std::move(own.project));
    wanted.left_out = std::move(own.left_out);
  }
  for (HostsProject& running : running_hosts_names()) wanted.projects.push_back(std::move(running));
  if (outcome.result) return wanted;
  const Problems& problems = outcome.result.error();
  const bool missing = problems.size() == 1 && problems.front().code == "config.missing";
  if (!missing || wanted.projects.empty())
    return tl::unexpected(invalid_file(std::move(outcome.result.error())));
  return wanted;
}

// ---- What only root may do ---------------------------------------------------------------------

/// The names as a file, for the program that root runs: it cannot ask our devproxies who runs.
Result<std::string> save_names(const std::vector<HostsProject>& projects) {
  const auto dirs = find_dirs();
  if (!dirs) return tl::unexpected<Error>(dirs.error());
  if (auto made = make_private_dir(dirs->state); !made) return tl::unexpected<Error>(made.error());
  const std::string path = dirs->state + "/hosts";
  if (auto written = write_atomically(path, hosts_block(projects), 0600); !written)
    return tl::unexpected<Error>(written.error());
  return path;
}

Words root_command(const HostsOutcome& outcome, const std::string& names_file,
                   CommandRunner& runner) {
  const bool only_doas = !runner.find("sudo") && runner.find("doas");
  // What names it from within (/proc/self/exe) is another one under sudo.
  Words words{only_doas ? "doas" : "sudo", program_path().value_or("devproxy"), "hosts",
              outcome.action};
  if (!names_file.empty()) words.insert(words.end(), {"--from", names_file});
  if (outcome.file != system_hosts_file) words.insert(words.end(), {"--file", outcome.file});
  return words;
}

/// Leaves the command in `outcome` when it was not run.
tl::expected<void, Failure> write_as_root(HostsOutcome& outcome,
                                          const std::vector<HostsProject>& projects, bool asks) {
  std::string names_file;
  if (outcome.action == "sync") {
    auto saved = save_names(projects);
    if (!saved) {
      return tl::unexpected(Failure{ExitCode::failed,
                                    "hosts.save",
                                    saved.error().detail,
                                    "devproxy hosts print shows the lines, to be added by hand",
                                    {}});
    }
    names_file = std::move(*saved);
  }
  SystemRunner runner;
  outcome.command = root_command(outcome, names_file, runner);
  if (!asks || !ask(fmt::format("This needs root:\n  {}\nRun that now? [Y/n] ",
                                shell_quoted(outcome.command))))
    return {};
  RunOptions options;
  options.on_terminal = true;
  const auto result = runner.run(outcome.command, options);
  if (result && result->worked()) {
    outcome.written = true;
    outcome.command.clear();
    return {};
  }
  return tl::unexpected(Failure{ExitCode::failed,
                                "hosts.root",
                                result ? result->last_words() : result.error().detail,
                                "run it yourself: " + shell_quoted(outcome.command),
                                {}});
}

// ---- Words -------------------------------------------------------------------------------------

std::string names_text(std::size_t count) {
  return fmt::format("{} name{}", count, count == 1 ? "" : "s");
}

std::string left_out_text(const HostsOutcome& outcome) {
  std::string text;
  for (const LeftOutName& name : outcome.left_out)
    text += fmt::format("  without {}: {}\n", escape(name.name), name.why);
  return text;
}

std::string outcome_text(const HostsOutcome& outcome) {
  std::vector<std::string> projects;
  for (const HostsProject& project : outcome.projects) projects.push_back(escape(project.name));
  const std::string has = projects.empty()
                              ? "no names of devproxy"
                              : fmt::format("{} of {}", names_text(count_names(outcome.projects)),
                                            fmt::join(projects, ", "));
  const char* const verb = !outcome.changed ? "has" : outcome.written ? "has now" : "would have";
  std::string text = fmt::format("{} {} {}\n", escape_own(outcome.file), verb, has);
  if (!outcome.changed && !outcome.dry_run) text += "  nothing to change\n";
  text += left_out_text(outcome);
  if (!outcome.command.empty())
    text += fmt::format("This needs root and was not done:\n  {}\n", shell_quoted(outcome.command));
  return text;
}

std::string dns_text(const std::vector<std::string>& domains, std::uint16_t port, bool is_on,
                     const std::vector<ResolverSnippet>& snippets) {
  std::string text =
      is_on ? fmt::format("# devproxy answers for {} on port {}\n", fmt::join(domains, ", "), port)
            : fmt::format("# first switch it on: dns = {} in [proxy] of devproxy.toml\n", port);
  for (const ResolverSnippet& snippet : snippets) {
    text += fmt::format("\n# {}: {}\n{}# then: {}\n", snippet.system, snippet.path, snippet.text,
                        snippet.then);
  }
  return text;
}

// ---- Actions -----------------------------------------------------------------------------------

Outcome print_dns(const Invocation& invocation) {
  LoadOutcome outcome = load(load_request(invocation));
  ProxySettings proxy;
  if (outcome.result) proxy = outcome.result->proxy;
  const bool is_on = proxy.dns != 0;
  const std::uint16_t port = is_on ? proxy.dns : usual_dns_port;
  const auto domains = domains_for_dns(proxy.domains);
  const auto snippets = resolver_snippets(domains, port);
  write_out(invocation.json ? dns_form(domains, port, is_on, snippets) + "\n"
                            : dns_text(domains, port, is_on, snippets));
  return ExitCode::done;
}

Outcome print_names(const Invocation& invocation) {
  auto wanted = wanted_names(invocation);
  if (!wanted) return tl::unexpected(wanted.error());
  HostsOutcome outcome;
  outcome.action = "print";
  outcome.file = invocation.hosts_file;
  outcome.projects = merge_hosts_names({}, wanted->projects);
  outcome.left_out = std::move(wanted->left_out);
  if (invocation.json) {
    write_out(hosts_form(outcome) + "\n");
    return ExitCode::done;
  }
  write_out(hosts_block(outcome.projects));
  write_error(left_out_text(outcome));
  return ExitCode::done;
}

tl::expected<HostsText, Failure> read_hosts(const std::string& path, std::string& text) {
  auto read = read_hosts_file(path);
  if (!read) {
    return tl::unexpected(Failure{
        ExitCode::failed, "hosts.unreadable", read.error().detail, "name another with --file", {}});
  }
  text = std::move(*read);
  auto parsed = parse_hosts(text, path);
  if (!parsed) {
    return tl::unexpected(Failure{ExitCode::failed,
                                  "hosts.damaged",
                                  parsed.error().detail,
                                  "mend it by hand, then try again: nothing was changed",
                                  {}});
  }
  return *std::move(parsed);
}

Outcome change(const Invocation& invocation, const Console& console) {
  HostsOutcome outcome;
  outcome.action = invocation.argument;
  outcome.file = invocation.hosts_file;
  outcome.dry_run = invocation.dry_run;
  Wanted wanted;
  if (outcome.action == "sync") {
    auto found = wanted_names(invocation);
    if (!found) return tl::unexpected(found.error());
    wanted = std::move(*found);
  }
  std::string before;
  const auto hosts = read_hosts(outcome.file, before);
  if (!hosts) return tl::unexpected(hosts.error());
  if (outcome.action == "sync")
    outcome.projects = merge_hosts_names(hosts->projects, wanted.projects);
  outcome.left_out = std::move(wanted.left_out);
  const std::string after = with_hosts_block(*hosts, outcome.projects);
  outcome.changed = after != before;
  if (outcome.changed && !outcome.dry_run) {
    const auto written = write_hosts_file(outcome.file, after);
    outcome.written = written.has_value();
    if (!written && (written.error().code != Code::denied || ::geteuid() == 0)) {
      return tl::unexpected(Failure{ExitCode::failed,
                                    "hosts.write",
                                    written.error().detail,
                                    "devproxy hosts print shows the lines, to be added by hand",
                                    {}});
    }
    const bool asks = may_ask(invocation, console);
    if (!written) {
      if (auto done = write_as_root(outcome, outcome.projects, asks); !done)
        return tl::unexpected(done.error());
    }
  }
  if (invocation.json) {
    write_out(hosts_form(outcome) + "\n");
  } else {
    write_out(outcome.dry_run ? changed_lines(before, after) + outcome_text(outcome)
                              : outcome_text(outcome));
  }
  return outcome.command.empty() ? ExitCode::done : ExitCode::permission;
}

}  // namespace

Outcome run_hosts(const Invocation& invocation, const Console& console) {
  if (auto wrong = wrong_arguments(invocation)) return tl::unexpected(std::move(*wrong));
  if (invocation.argument != "print") return change(invocation, console);
  return invocation.dns ? print_dns(invocation) : print_names(invocation);
}

}  // namespace devproxy
