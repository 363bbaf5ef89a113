#include "cli/doctor/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "cli/terminal/console.h"

namespace devproxy {
namespace {

constexpr std::size_t health_width = 7;
constexpr std::size_t most_names = 24;

std::string_view name_of(const Diagnosis& finding) {
  if (!finding.fixed.empty()) return "fixed";
  switch (finding.health) {
    case Health::ok:
      return "ok";
    case Health::warning:
      return "warning";
    case Health::problem:
      return "problem";
  }
  return "";
}

Colour colour_of(const Diagnosis& finding) {
  if (!finding.fixed.empty()) return Colour::green;
  switch (finding.health) {
    case Health::ok:
      return Colour::green;
    case Health::warning:
      return Colour::yellow;
    case Health::problem:
      return Colour::red;
  }
  return Colour::plain;
}

/// Broken between words, the lines after the first indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  constexpr std::size_t least = 30;
  const std::size_t room =
      width == SIZE_MAX ? SIZE_MAX : std::max(least, width - std::min(width, indent));
  std::string lines;
  std::size_t used = 0;
  for (const std::string_view word : split(text, ' ')) {
    if (used > 0 && used + 1 + word.size() > room) {
      lines += "\n" + std::string(indent, ' ');
      used = 0;
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    lines += word;
    used += word.size();
  }
  return lines;
}

std::string finding_text(const Diagnosis& finding, std::size_t check_width,
                         const DoctorView& view) {
  const std::size_t indent = 2 + health_width + 2 + check_width + 2;
  std::string text = fmt::format(
      "  {}  {}  {}\n",
      paint(fmt::format("{:<{}}", name_of(finding), health_width), colour_of(finding), view.colour),
      paint(fmt::format("{:<{}}", finding.check, check_width),
            finding.health == Health::ok ? Colour::dim : Colour::bold, view.colour),
      wrapped(finding.what, indent, view.width));
  const std::string_view label = finding.fixed.empty() ? "mend:" : "done:";
  const std::string& step = finding.fixed.empty() ? finding.mend : finding.fixed;
  // Never broken by us: it is there to be copied.
  if (!step.empty())
    text += fmt::format("{:{}}{} {}\n", "", indent, paint(label, Colour::cyan, view.colour), step);
  return text;
}

std::string_view words_of(Reached reached, const NameFacts& name) {
  switch (reached) {
    case Reached::loopback:
      return "loopback";
    case Reached::nowhere:
      return "not found";
    case Reached::elsewhere:
      return name.addresses.front();
  }
  return "";
}

std::string reached_text(Reached reached, const NameFacts& name, std::size_t width, bool colour) {
  const Colour shown = reached == Reached::loopback ? Colour::green : Colour::yellow;
  return paint(fmt::format("{:<{}}", words_of(reached, name), width), shown, colour);
}

/// Which kind of client finds which name.
std::string names_text(const ResolverFacts& resolver, const DoctorView& view) {
  constexpr std::size_t column = 11;
  std::size_t width = 4;
  for (const NameFacts& name : resolver.names) width = std::max(width, escape(name.name).size());
  std::string text = "\n  " +
                     paint(fmt::format("{:<{}}  {:<{}}{:<{}}{}", "NAME", width, "BROWSERS", column,
                                       resolver.curl ? "CURL" : "", resolver.curl ? column : 0,
                                       "NODE, PYTHON, JAVA, GO"),
                           Colour::dim, view.colour) +
                     "\n";
  for (std::size_t i = 0; i < std::min(resolver.names.size(), most_names); ++i) {
    const NameFacts& name = resolver.names[i];
    text += fmt::format("  {:<{}}  {}", escape(name.name), width,
                        reached_text(by_browsers(name), name, column, view.colour));
    if (resolver.curl) text += reached_text(by_curl(name, resolver), name, column, view.colour);
    text += reached_text(by_system(name), name, 0, view.colour) + "\n";
  }
  if (resolver.names.size() > most_names)
    text +=
        fmt::format("  and {} more: devproxy doctor --json\n", resolver.names.size() - most_names);
  return text;
}

std::string count_text(std::size_t count, const char* one, const char* many, Colour shown,
                       bool colour) {
  const std::string text = fmt::format("{} {}", count, count == 1 ? one : many);
  return paint(text, count == 0 ? Colour::plain : shown, colour);
}

Json names_json(const ResolverFacts& resolver) {
  const auto reached = [](Reached way) {
    return way == Reached::loopback    ? "loopback"
           : way == Reached::elsewhere ? "elsewhere"
                                       : "nowhere";
  };
  Json list = Json::array();
  for (const NameFacts& name : resolver.names) {
    Json each;
    each["name"] = name.name;
    each["browsers"] = reached(by_browsers(name));
    each["curl"] = reached(by_curl(name, resolver));
    each["system"] = reached(by_system(name));
    each["addresses"] = name.addresses;
    each["error"] = name.error;
    each["ms"] = name.took.count();
    list.push_back(std::move(each));
  }
  return list;
}

}  // namespace

std::size_t DoctorReport::count(Health health) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [health](const Diagnosis& finding) {
        return finding.fixed.empty() ? finding.health == health : health == Health::ok;
      }));
}

std::size_t DoctorReport::fixable() const {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(),
      [](const Diagnosis& finding) { return finding.fix != Fix::none && finding.fixed.empty(); }));
}

void sort_by_importance(Diagnoses& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Diagnosis& a, const Diagnosis& b) {
    return static_cast<int>(a.health) > static_cast<int>(b.health);
  });
}

std::string doctor_text(const DoctorReport& report, const DoctorView& view) {
  std::size_t check_width = 0;
  for (const Diagnosis& finding : report.findings)
    check_width = std::max(check_width, finding.check.size());
  // One that has problems is there all the same.
  const bool is_absent = std::none_of(report.findings.begin(), report.findings.end(),
                                      [](const Diagnosis& each) { return each.check == "file"; });
  std::string text = fmt::format(
      "{}, {}, {} fine{}\n\n",
      count_text(report.count(Health::problem), "problem", "problems", Colour::red, view.colour),
      count_text(report.count(Health::warning), "warning", "warnings", Colour::yellow, view.colour),
      report.count(Health::ok),
      report.file.empty()
          ? (is_absent ? ". No devproxy.toml here: this machine only" : "")
          : fmt::format(": {}, {}", escape(report.project), escape_own(report.file)));
  for (const Diagnosis& finding : report.findings) text += finding_text(finding, check_width, view);
  if (!report.resolver.names.empty()) text += names_text(report.resolver, view);
  if (const std::size_t count = report.fixable(); count > 0)
    text += fmt::format("\ndevproxy doctor --fix mends {} of these by itself.\n", count);
  return text;
}

std::string doctor_form(const DoctorReport& report) {
  Json json{{"schema", "devproxy.doctor/v1"}};
  json["project"] = report.project.empty() ? Json() : Json(report.project);
  json["config"] = report.file.empty() ? Json() : Json(report.file);
  json["problems"] = report.count(Health::problem);
  json["warnings"] = report.count(Health::warning);
  json["findings"] = Json::array();
  for (const Diagnosis& finding : report.findings) {
    Json each;
    each["health"] = name_of(finding);
    each["check"] = finding.check;
    each["code"] = finding.code;
    each["message"] = finding.what;
    each["mend"] = finding.mend;
    each["fixable"] = finding.fix != Fix::none;
    each["fixed"] = finding.fixed;
    json["findings"].push_back(std::move(each));
  }
  json["names"] = names_json(report.resolver);
  return json_line(json);
}

}  // namespace devproxy
