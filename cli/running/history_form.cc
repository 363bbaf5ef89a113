#include "cli/running/history_form.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "base/json.h"
#include "base/text.h"
#include "cli/terminal/console.h"
#include "cli/terminal/time_text.h"

namespace devproxy {
namespace {

constexpr std::string_view the_way_back = "its next change, or devproxy reload, takes it again";

std::time_t seconds(History::Clock::time_point time) {
  return History::Clock::to_time_t(time);
}

Json entry_json(const History::Entry& entry) {
  Json json;
  json["at"] = seconds(entry.time);
  json["generation"] = entry.generation == 0 ? Json() : Json(entry.generation);
  json["cause"] = cause_name(entry.cause);
  json["words"] = cause_words(entry.cause);
  json["changes"] = entry.changes;
  json["more_changes"] = entry.more_changes;
  json["refused"] = entry.refused.empty() ? Json() : Json(entry.refused);
  json["kept"] = entry.is_kept;
  return json;
}

std::string text_of(const Json& json, const char* name) {
  return escape_own(string_of(json, name));
}

Json list_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_array() ? *found : Json::array();
}

std::string change_lines(const Json& json, std::string_view indent, bool colour) {
  std::string text;
  for (const Json& change : list_of(json, "changes")) {
    if (change.is_string())
      text += fmt::format("{}{}\n", indent,
                          paint_change(escape_own(change.get<std::string>()), colour));
  }
  if (const auto more = number_of(json, "more_changes"); more != 0)
    text += fmt::format("{}... and {} more\n", indent, more);
  return text;
}

std::string entry_text(const Json& entry, const Json& project, bool colour) {
  const std::int64_t generation = number_of(entry, "generation");
  const bool is_rollback = text_of(entry, "cause") == "rollback";
  const std::string refused = text_of(entry, "refused");
  const bool is_current =
      !is_rollback && generation != 0 && generation == number_of(project, "generation");
  std::string number = generation == 0 || is_rollback ? "-" : std::to_string(generation);
  std::string what = text_of(entry, "words");
  if (!refused.empty()) {
    what += ": refused, nothing changed";
  } else if (is_rollback) {
    what += fmt::format(" to {}", generation);
  } else if (!flag_of(entry, "kept")) {
    what += " (not kept)";
  }
  std::string text = fmt::format(
      "{} {}  {}  {}\n", is_current ? paint("*", Colour::green, colour) : " ",
      paint(fmt::format("{:>3}", number), Colour::bold, colour && is_current),
      paint(exact_time_text(static_cast<std::time_t>(number_of(entry, "at"))), Colour::dim, colour),
      what);
  constexpr std::string_view indent = "                 ";  // below the cause
  if (!refused.empty()) text += fmt::format("{}{}\n", indent, paint(refused, Colour::red, colour));
  return text + change_lines(entry, indent, colour);
}

std::string project_text(const Json& project, bool colour) {
  const auto checkout = project.find("worktree");
  const std::string worktree = checkout != project.end() && checkout->is_object()
                                   ? text_of(*checkout, "label")
                                   : std::string();
  const std::string file = text_of(project, "file");
  std::string text =
      fmt::format("{}{}, {}\n\n", paint(text_of(project, "project"), Colour::bold, colour),
                  worktree.empty() ? std::string() : ", worktree " + worktree,
                  file.empty() ? "devproxy run, without a file" : file);
  for (const Json& entry : list_of(project, "entries")) text += entry_text(entry, project, colour);
  if (flag_of(project, "rolled_back")) {
    const std::string words = fmt::format("generation {} is in force, not the file: {}",
                                          number_of(project, "generation"), the_way_back);
    text += "\n" + paint(words, Colour::yellow, colour) + "\n";
  } else if (!flag_of(project, "runs_file")) {
    const std::string words = fmt::format("generation {} stays in force until the file is mended",
                                          number_of(project, "generation"));
    text += "\n" + paint(words, Colour::yellow, colour) + "\n";
  }
  return text;
}

}  // namespace

std::string history_form(const Config& config, const History& history) {
  Json project;
  project["project"] = config.project;
  project["worktree"] = config.worktree.label.empty() ? Json()
                                                      : Json{{"label", config.worktree.label},
                                                             {"origin", config.worktree.origin}};
  project["file"] = config.file;
  project["pid"] = ::getpid();
  project["generation"] = history.current();
  project["rolled_back"] = history.is_rolled_back();
  project["runs_file"] = history.is_file();
  project["entries"] = Json::array();
  for (const History::Entry& entry : history.entries())
    project["entries"].push_back(entry_json(entry));
  Json json;
  json["schema"] = "devproxy.history/v1";
  json["projects"] = Json::array({std::move(project)});
  return json_line(json);
}

Result<std::string> join_histories(const std::vector<std::string>& answers) {
  Json json;
  json["schema"] = "devproxy.history/v1";
  json["projects"] = Json::array();
  for (const std::string& answer : answers) {
    const Json one = parse_json(answer);
    if (!one.is_object()) {
      return fail(Code::invalid, Source::system,
                  "a running devproxy answers what this version does not understand; restart it");
    }
    for (const Json& project : list_of(one, "projects")) json["projects"].push_back(project);
  }
  return json_line(json);
}

std::string history_text(std::string_view form, bool colour) {
  const Json json = parse_json(form);
  std::string text;
  if (!json.is_object()) return text;
  for (const Json& project : list_of(json, "projects"))
    text += (text.empty() ? "" : "\n") + project_text(project, colour);
  return text;
}

std::string rollback_form(const ReloadReport& report) {
  Json json;
  json["schema"] = "devproxy.rollback/v1";
  json["generation"] = report.generation;
  json["since"] = seconds(report.since);
  json["runs_file"] = report.is_file;
  json["changes"] = report.changes;
  json["milliseconds"] = static_cast<double>(report.took.count()) / 1e3;
  return json_line(json);
}

std::string rollback_text(std::string_view form, bool colour) {
  const Json json = parse_json(form);
  if (!json.is_object()) return escape(form) + "\n";
  std::string text =
      fmt::format("runs generation {} of {} now{}\n", number_of(json, "generation"),
                  time_text(static_cast<std::time_t>(number_of(json, "since"))),
                  flag_of(json, "runs_file") ? std::string(", as the file says")
                                             : fmt::format(", not the file\n  {}", the_way_back));
  const std::string changes = change_lines(json, "  ", colour);
  return text + (changes.empty() ? "  nothing became different\n" : changes);
}

std::string generation_words(std::uint64_t generation, History::Clock::time_point since) {
  return fmt::format("generation {} of {}", generation, time_text(seconds(since)));
}

}  // namespace devproxy
