#include "cli/setup/setup_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "cli/terminal/command_lines.h"
#include "cli/terminal/process_words.h"

namespace devproxy {
namespace {

const char* word_for(PortState state) {
  switch (state) {
    case PortState::possible:
      return "possible";
    case PortState::ours:
      return "ours";
    case PortState::denied:
      return "denied";
    case PortState::taken:
      return "taken";
    case PortState::missing:
      return "missing";
  }
  return "";
}

const char* word_for(SetupState state) {
  switch (state) {
    case SetupState::already:
      return "already";
    case SetupState::planned:
      return "planned";
    case SetupState::done:
      return "done";
    case SetupState::undone:
      return "undone";
    case SetupState::nothing:
      return "nothing";
  }
  return "";
}

std::string owner_words(const PortTrial& trial, const std::string& home) {
  if (!trial.owner) return "nobody that can be seen";
  return whole_text(*trial.owner, home, std::chrono::system_clock::now());
}

std::string words_for(const PortTrial& trial, const std::string& home) {
  if (is_taken(trial)) return "taken by " + owner_words(trial, home);
  switch (trial.state) {
    case PortState::possible:
      return "yes";
    case PortState::ours:
      return "yes, devproxy listens there";
    case PortState::denied:
      return "needs a privilege";
    case PortState::missing:
      return "this system does not have it";
    case PortState::taken:
      break;
  }
  return "";
}

/// systemd's own sockets are nobody's in the way.
bool is_by_somebody_else(const SetupReport& report) {
  const LowPortsWay way = report.run.planned().way;
  return way == LowPortsWay::socket_unit || way == LowPortsWay::launch_agent;
}

std::string table(const SetupReport& report) {
  std::string text;
  for (const PortTrial& trial : report.run.trials())
    text += fmt::format("  {:<14}  {}\n", address_of(trial), words_for(trial, report.home));
  return text;
}

/// How to live beside whoever has a port.
std::string neighbours(const SetupReport& report) {
  std::vector<std::string> ways;
  for (const PortTrial& trial : report.run.trials()) {
    if (!is_taken(trial) || !trial.owner) continue;
    std::string way = way_to_stop(*trial.owner, trial.port);
    if (std::find(ways.begin(), ways.end(), way) == ways.end()) ways.push_back(std::move(way));
  }
  std::string text;
  for (const std::string& way : ways)
    text += fmt::format("\nTo have the port that is taken: {}.", way);
  if (!text.empty())
    text +=
        "\nOr leave it there: URLs keep :6289, or it passes local names on to devproxy "
        "(docs/setup.md).\n";
  return text;
}

std::string files_text(const SetupPlan& plan) {
  std::string text;
  for (const SetupFile& file : plan.files) {
    text += fmt::format("{}:\n", file.path);
    std::string_view rest = file.text;
    rest.remove_suffix(1);
    for (const std::string_view line : split(rest, '\n')) text += fmt::format("  {}\n", line);
    text += "\n";
  }
  return text;
}

std::string meaning(const SetupReport& report) {
  if (report.undo) return "This takes back what devproxy setup put in:\n\n";
  switch (report.run.planned().way) {
    case LowPortsWay::sysctl:
      return "Ports below 1024 need a privilege here. This gives it to every user's programs, for "
             "ports from 80\non; devproxy itself needs no root. Where others use this machine too: "
             "devproxy setup --socket-unit.\n\n";
    case LowPortsWay::socket_unit:
      return "systemd is to listen on 80 and 443 and hand both to devproxy serve, run as you.\n\n";
    case LowPortsWay::launch_agent:
      return "launchd is to listen on 80 and 443 and hand both to devproxy serve, run as you, at "
             "every login.\n\n";
    case LowPortsWay::bind:
      break;
  }
  return "";
}

/// Said before the question: no privilege helps against somebody who is there already.
std::string taken_text(const SetupReport& report) {
  std::string text;
  for (const PortTrial& trial : report.run.trials()) {
    if (is_taken(trial))
      text += fmt::format("{} is {}\n", address_of(trial), words_for(trial, report.home));
  }
  return text.empty() ? text : text + "\n";
}

std::string kept_text(const SetupRun& run) {
  std::string text;
  for (const std::string& file : run.kept())
    text += fmt::format("{} was written anew by somebody else: it stays\n", file);
  return text;
}

std::string success_text(const SetupReport& report) {
  const bool any = std::any_of(
      report.run.trials().begin(), report.run.trials().end(), [](const PortTrial& trial) {
        return trial.state == PortState::possible || trial.state == PortState::ours;
      });
  if (is_by_somebody_else(report)) {
    return fmt::format("devproxy serve has ports 80 and 443 now: https://{}\n",
                       report.host.empty() ? "NAME.localhost" : report.host);
  }
  std::string text = report.run.state() == SetupState::already && any
                         ? "Ports 80 and 443 need nothing more here:\n\n"
                         : "Can this user listen there?\n\n";
  text += table(report);
  if (any) {
    text += fmt::format(
        "\ndevproxy listens there too from its next start or reload on: https://{}, without a "
        "port.\nURLs with :6289 go on working.\n",
        report.host.empty() ? "NAME.localhost" : report.host);
  }
  return text + neighbours(report);
}

Json trial_json(const PortTrial& trial, const std::string& home) {
  return {{"address", address_of(trial)},
          {"state", is_taken(trial) ? "taken" : word_for(trial.state)},
          {"owner", trial.owner ? Json(owner_words(trial, home)) : Json(nullptr)}};
}

}  // namespace

std::string setup_plan_text(const SetupReport& report) {
  return meaning(report) + taken_text(report) + kept_text(report.run) +
         files_text(report.run.planned()) + command_lines(report.run.commands());
}

std::string setup_text(const SetupReport& report) {
  switch (report.run.state()) {
    case SetupState::nothing:
      return "nothing to take back: devproxy setup put nothing in here\n";
    case SetupState::planned:
      if (report.dry_run && report.run.planned().commands.empty())
        return "only a note of devproxy's own would go\n";
      if (report.dry_run) return "";
      return report.undo
                 ? "\nRun that, then devproxy setup --undo again.\n"
                 : "\nRun that, then devproxy setup again: it makes sure, and remembers it.\n";
    case SetupState::undone:
      return kept_text(report.run) +
             "devproxy listens on 80 and 443 no more from its next start or reload on; URLs have "
             ":6289 again.\n";
    case SetupState::already:
    case SetupState::done:
      break;
  }
  return success_text(report);
}

std::string setup_form(const SetupReport& report) {
  const SetupRun& run = report.run;
  Json form{{"schema", "devproxy.setup/v1"},
            {"action", report.undo ? "undo" : "setup"},
            {"dry_run", report.dry_run},
            {"state", word_for(run.state())},
            {"way", run.state() == SetupState::nothing ? Json(nullptr)
                                                       : Json(word_for(run.planned().way))},
            {"ports", Json::array()},
            {"files", Json::array()},
            {"left", Json::array()}};
  for (const PortTrial& trial : run.trials())
    form["ports"].push_back(trial_json(trial, report.home));
  for (const SetupFile& file : run.planned().files)
    form["files"].push_back({{"path", file.path}, {"text", file.text}});
  if (report.left) {
    for (const Words& words : run.commands()) form["left"].push_back(words);
  }
  return json_line(form);
}

}  // namespace devproxy
