// `devproxy trust`, `trust --check` and `untrust`.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "certs/trust_run.h"
#include "cli/commands/asking.h"
#include "cli/commands/commands.h"
#include "cli/terminal/command_lines.h"
#include "cli/terminal/environment.h"
#include "cli/trust/local_ca.h"
#include "cli/trust/trust_form.h"
#include "cli/trust/trust_table.h"

namespace devproxy {
namespace {

TrustAction action_of(const Invocation& invocation) {
  if (invocation.command == CommandId::untrust) return TrustAction::take_back;
  return invocation.check ? TrustAction::check : TrustAction::put;
}

std::string question(const std::vector<Words>& commands) {
  return fmt::format("The rest needs root:\n{}Run that now? [Y/n] ", command_lines(commands));
}

/// Under sudo this is root's CA; the proxy of whoever typed it has another.
void warn_of_sudo() {
  const auto user = environment("SUDO_USER");
  if (::geteuid() != 0 || !user || user->empty() || *user == "root") return;
  write_error(fmt::format(
      "devproxy: warning: this is root's CA, not that of {}; type devproxy trust without "
      "sudo, it asks where root is needed\n",
      escape(*user)));
}

/// The CA in use first, then all that were ever put in.
std::vector<Anchor> with_remembered(std::optional<Anchor> current, const std::string& state) {
  std::vector<Anchor> anchors;
  if (current) anchors.push_back(std::move(*current));
  for (Anchor& anchor : remembered_anchors(state)) {
    if (anchors.empty() || anchor.sha256 != anchors.front().sha256)
      anchors.push_back(std::move(anchor));
  }
  return anchors;
}

struct Found {
  std::vector<Anchor> anchors;
  bool example = false;
};

tl::expected<Found, Failure> find_anchors(TrustAction action, const std::string& state,
                                          const Invocation& invocation) {
  if (action == TrustAction::put && !invocation.dry_run) {
    auto anchor = local_ca(state, invocation);
    if (!anchor) return tl::unexpected(anchor.error());
    return Found{{std::move(*anchor)}, false};
  }
  auto current = existing_ca(state);
  // What cannot be used any more can still be taken back.
  if (!current && action != TrustAction::take_back) return tl::unexpected(current.error());
  std::optional<Anchor> anchor = current ? std::move(*current) : std::nullopt;
  if (action == TrustAction::take_back) return Found{with_remembered(anchor, state), false};
  if (anchor) return Found{{std::move(*anchor)}, false};
  if (action == TrustAction::check) {
    return tl::unexpected(Failure{ExitCode::failed,
                                  "trust.no_ca",
                                  "there is no local CA yet, so nothing trusts it",
                                  "devproxy trust makes it and puts it where browsers look",
                                  {}});
  }
  auto example = example_ca(state);
  if (!example) return tl::unexpected(example.error());
  return Found{{std::move(*example)}, true};
}

ExitCode exit_of(const TrustRun& run, const TrustOutcome& outcome) {
  if (outcome.dry_run) return ExitCode::done;
  if (outcome.action == TrustAction::check) {
    const bool all = std::none_of(
        outcome.reports.begin(), outcome.reports.end(),
        [](const StoreReport& report) { return report.state == TrustState::not_trusted; });
    return all ? ExitCode::done : ExitCode::failed;
  }
  if (run.needs_root()) return ExitCode::permission;
  return run.any_failed() ? ExitCode::failed : ExitCode::done;
}

/// Java's stores are always asked by `untrust`; they are worth a row only when they had something.
void drop_silent_java(std::vector<StoreReport>& reports) {
  std::erase_if(reports, [](const StoreReport& report) {
    return report.label.kind == StoreKind::java && !report.changed && !report.failed &&
           report.commands.empty();
  });
}

}  // namespace

Outcome run_trust(const Invocation& invocation, const Console& console) {
  const TrustAction action = action_of(invocation);
  warn_of_sudo();
  const auto state = state_folder();
  if (!state) return tl::unexpected(state.error());
  auto found = find_anchors(action, *state, invocation);
  if (!found) return tl::unexpected(found.error());
  if (found->anchors.empty() && !invocation.json) {
    write_out("nothing to take back: this user has no local CA\n");
    return ExitCode::done;
  }

  SystemRunner runner;
  const Surroundings surroundings = real_surroundings(runner);
  const bool with_java = invocation.java || action == TrustAction::take_back;
  const TrustStores stores =
      found->anchors.empty() ? TrustStores{} : find_stores(surroundings, with_java);
  if (action == TrustAction::put && !invocation.dry_run) {
    if (const auto kept = remember(*state, found->anchors.front()); !kept) {
      return tl::unexpected(
          Failure{ExitCode::failed,
                  "trust.remember",
                  kept.error().detail,
                  "without this note untrust could not take the CA back; mend it, then trust",
                  {}});
    }
  }
  TrustRun run(surroundings, stores, found->anchors);
  run.begin(action, invocation.dry_run);
  if (!invocation.dry_run && run.needs_root() && may_ask(invocation, console) &&
      ask(question(run.root_commands()))) {
    run.run_root_commands();
    write_out("\n");
  }

  TrustOutcome outcome{action, invocation.dry_run, found->example, {}, run.reports(), {}};
  if (!found->anchors.empty()) outcome.anchor = found->anchors.front();
  outcome.left = invocation.dry_run ? run.all_commands() : run.root_commands();
  const ExitCode exit = exit_of(run, outcome);
  if (action == TrustAction::take_back && !invocation.dry_run && exit == ExitCode::done) {
    for (const Anchor& anchor : found->anchors) forget(*state, anchor);
  }
  if (action == TrustAction::take_back) drop_silent_java(outcome.reports);
  if (invocation.json) {
    write_out(trust_form(outcome) + "\n");
  } else {
    write_out(trust_table(outcome, surroundings.home, console.colour) + trust_summary(outcome));
  }
  return exit;
}

}  // namespace devproxy
