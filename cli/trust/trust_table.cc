#include "cli/trust/trust_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "cli/terminal/command_lines.h"
#include "cli/terminal/console.h"

namespace devproxy {
namespace {

std::string shortened(const std::string& path, std::string_view home) {
  if (path.empty()) return "-";
  if (!home.empty() && path.starts_with(home) && path.substr(home.size()).starts_with('/'))
    return "~" + escape_own(path.substr(home.size()));
  return escape_own(path);
}

struct State {
  std::string words;
  Colour colour = Colour::plain;
};

State state_of_taken_back(const StoreReport& report) {
  if (report.state == TrustState::not_present) return {"not present", Colour::dim};
  if (report.failed) return {"still trusted", Colour::red};
  if (!report.commands.empty()) return {"to be taken back", Colour::yellow};
  if (report.changed) return {"taken back", Colour::green};
  return {"nothing of ours", Colour::dim};
}

State state_of(const StoreReport& report, const TrustOutcome& outcome) {
  if (outcome.action == TrustAction::take_back) return state_of_taken_back(report);
  if (outcome.dry_run && !report.commands.empty() && !report.failed)
    return {"to be put in", Colour::yellow};
  switch (report.state) {
    case TrustState::trusted:
      return {report.changed ? "trusted, from now on" : "trusted", Colour::green};
    case TrustState::not_trusted:
      return {"not trusted", Colour::red};
    case TrustState::not_present:
      return {"not present", Colour::dim};
  }
  return {};
}

/// Whether it still matters: an untrusted store is what `untrust` wanted.
bool tells_why(const StoreReport& report, const TrustOutcome& outcome) {
  if (outcome.action == TrustAction::take_back) return report.failed;
  if (outcome.dry_run && !report.commands.empty()) return report.failed;
  return report.state != TrustState::trusted;
}

std::string why_of(const StoreReport& report) {
  const bool waits = !report.commands.empty() && !report.failed;
  return waits && report.label.needs_root ? "needs root" : report.why;
}

/// What reads its certificates only when it starts.
std::string to_restart(const std::vector<StoreReport>& reports) {
  std::vector<std::string> names;
  for (const StoreReport& report : reports) {
    const bool reads_once =
        report.label.kind == StoreKind::browser || report.label.kind == StoreKind::java;
    if (!report.changed || report.failed || !reads_once) continue;
    std::string name = report.label.kind == StoreKind::java ? "Java programs" : report.label.name;
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string next_step(const TrustOutcome& outcome) {
  const auto any = [&outcome](const auto& wanted) {
    return std::any_of(outcome.reports.begin(), outcome.reports.end(), wanted);
  };
  if (outcome.action == TrustAction::check) {
    const bool missing = any([](const StoreReport& report) {
      return report.state == TrustState::not_trusted && report.next == "devproxy trust";
    });
    return missing ? "\nNext: devproxy trust\n" : "";
  }
  const bool changed = any([](const StoreReport& report) { return report.changed; });
  if (outcome.action == TrustAction::put && changed)
    return "\nNode, Deno and Python's requests have lists of their own: eval \"$(devproxy env)\"\n";
  return "";
}

}  // namespace

std::string trust_table(const TrustOutcome& outcome, std::string_view home, bool colour) {
  std::size_t name = 5;
  std::size_t path = 4;
  for (const StoreReport& report : outcome.reports) {
    name = std::max(name, report.label.name.size());
    path = std::max(path, shortened(report.label.where, home).size());
  }
  std::string text =
      paint(fmt::format("  {:<{}}  {:<{}}  {}", "STORE", name, "PATH", path, "STATE"), Colour::dim,
            colour) +
      "\n";
  for (const StoreReport& report : outcome.reports) {
    const State state = state_of(report, outcome);
    const bool more = tells_why(report, outcome);
    const std::string why = more ? why_of(report) : "";
    text += fmt::format("  {:<{}}  {:<{}}  {}{}\n", report.label.name, name,
                        shortened(report.label.where, home), path,
                        paint(state.words, state.colour, colour), why.empty() ? "" : ": " + why);
    // What `trust` will do, or has left to do, stands once below the table.
    if (!more || report.next.empty() || report.next == "devproxy trust") continue;
    if (!report.commands.empty() && !report.failed) continue;
    for (const std::string_view line : split(report.next, '\n'))
      text += fmt::format("  {:<{}}  {}\n", "", name, line);
  }
  return text;
}

std::string trust_summary(const TrustOutcome& outcome) {
  std::string text;
  if (outcome.example) {
    text +=
        "\nThere is no CA yet. It is made first, so the number in these names will be another.\n";
  }
  if (!outcome.left.empty()) {
    text += outcome.dry_run ? "\nWould be run:\n" : "\nLeft to do, as root:\n";
    text += command_lines(outcome.left);
  }
  const std::string restart = to_restart(outcome.reports);
  if (!restart.empty())
    text +=
        fmt::format("\nRestart these if they run, they look only when they start: {}\n", restart);
  text += next_step(outcome);
  return text;
}

}  // namespace devproxy
