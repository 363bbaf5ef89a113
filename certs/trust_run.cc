#include "certs/trust_run.h"

#include <algorithm>
#include <utility>

namespace devproxy {
namespace {

/// What a failed command has to say. NSS tells of a primary password in words that nobody knows.
std::string complaint(const CommandResult& result) {
  if (result.errors.find("SEC_ERROR_BAD_PASSWORD") != std::string::npos)
    return "a primary password protects it";
  return result.last_words();
}

}  // namespace

void TrustRun::begin(TrustAction action, bool dry_run) {
  action_ = action;
  reports_.clear();
  for (const auto& store : stores_) {
    StoreReport report = look(*store);
    if (action != TrustAction::check) begin_store(*store, report, dry_run);
    reports_.push_back(std::move(report));
  }
}

/// With several anchors the first speaks: the CA that is in use.
StoreReport TrustRun::look(TrustStore& store) {
  TrustCheck check = store.check(anchors_.front());
  StoreReport report;
  report.label = store.label();
  report.state = check.state;
  report.why = std::move(check.why);
  report.next = std::move(check.next);
  return report;
}

void TrustRun::begin_store(TrustStore& store, StoreReport& report, bool dry_run) {
  if (report.state == TrustState::not_present) return;
  if (action_ == TrustAction::put && report.state == TrustState::trusted) return;
  StorePlan plan =
      action_ == TrustAction::put ? store.put(anchors_.front()) : store.take_back(anchors_);
  const bool nothing = plan.commands.empty();
  const bool root_only = report.label.needs_root && !surroundings_.is_root;
  if (dry_run || root_only) {
    report.commands = std::move(plan.commands);
  } else if (!nothing) {
    run_commands(store, report, plan.commands, plan.options);
  }
  if (!plan.obstacle.empty()) {
    report.failed = true;
    report.why = std::move(plan.obstacle);
    report.next = std::move(plan.next);
  } else if (action_ == TrustAction::take_back && nothing && report.state == TrustState::trusted) {
    report.failed = true;
    report.why = "something else put it there";
    report.next = "take it out the way it came in";
  }
}

void TrustRun::run_commands(TrustStore& store, StoreReport& report,
                            const std::vector<Words>& commands, const RunOptions& options) {
  std::string problem;
  std::string failed_command;
  for (const Words& words : commands) {
    const auto result = surroundings_.runner.run(words, options);
    if (result && result->worked()) {
      report.changed = true;
      continue;
    }
    problem = result ? complaint(*result) : result.error().detail;
    failed_command = shell_quoted(words);
    break;
  }
  verify(store, report);
  if (problem.empty() || !report.failed) return;
  report.why = std::move(problem);
  report.next = std::move(failed_command);
}

void TrustRun::verify(TrustStore& store, StoreReport& report) {
  const bool changed = report.changed;
  report = look(store);
  report.changed = changed;
  if (action_ == TrustAction::put) {
    report.failed = report.state != TrustState::trusted;
    return;
  }
  const StorePlan rest = store.take_back(anchors_);
  report.failed = !rest.commands.empty() || report.state == TrustState::trusted;
  if (report.failed) report.why = "it is still there";
}

std::vector<Words> TrustRun::commands(bool of_root_only) const {
  std::vector<Words> result;
  for (const StoreReport& report : reports_) {
    if (of_root_only && !report.label.needs_root) continue;
    for (const Words& words : report.commands)
      result.push_back(report.label.needs_root ? with_root(words) : words);
  }
  return result;
}

void TrustRun::run_root_commands() {
  for (std::size_t i = 0; i < reports_.size(); ++i) {
    StoreReport& report = reports_[i];
    if (!report.label.needs_root || report.commands.empty()) continue;
    std::vector<Words> commands;
    for (Words& words : std::exchange(report.commands, {}))
      commands.push_back(with_root(std::move(words)));
    RunOptions options;
    options.on_terminal = true;
    run_commands(*stores_[i], report, commands, options);
  }
}

Words TrustRun::with_root(Words words) const {
  if (surroundings_.is_root) return words;
  const bool only_doas = !surroundings_.runner.find("sudo") && surroundings_.runner.find("doas");
  words.insert(words.begin(), only_doas ? "doas" : "sudo");
  return words;
}

bool TrustRun::needs_root() const {
  return std::any_of(reports_.begin(), reports_.end(), [this](const StoreReport& report) {
    return report.label.needs_root && !surroundings_.is_root && !report.commands.empty();
  });
}

bool TrustRun::any_failed() const {
  return std::any_of(reports_.begin(), reports_.end(),
                     [](const StoreReport& report) { return report.failed; });
}

bool TrustRun::any_changed() const {
  return std::any_of(reports_.begin(), reports_.end(),
                     [](const StoreReport& report) { return report.changed; });
}

}  // namespace devproxy
