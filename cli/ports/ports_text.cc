#include "cli/ports/ports_text.h"

#include <fmt/format.h>

#include <ctime>

#include "base/text.h"
#include "cli/terminal/console.h"
#include "cli/terminal/process_words.h"

namespace devproxy {
namespace {

using std::chrono::system_clock;

std::string reach_text(const PortRow& row, bool colour) {
  if (row.is_loopback()) return "loopback: only this machine reaches it";
  return paint("NETWORK", Colour::yellow, colour) +
         ": other machines reach it, unless a firewall is in the way";
}

/// Lines of "label  text" under an address.
class Facts final {
 public:
  explicit Facts(bool colour) : colour_(colour) {}

  void add(std::string_view label, const std::string& text) {
    if (text.empty()) return;
    text_ +=
        fmt::format("    {}  {}\n", paint(fmt::format("{:<8}", label), Colour::dim, colour_), text);
  }
  std::string take() { return std::move(text_); }

 private:
  bool colour_;
  std::string text_;
};

std::string row_text(const PortRow& row, const PortsView& view) {
  Facts facts(view.colour);
  facts.add("reach", reach_text(row, view.colour));
  if (const auto& process = row.held.process) {
    facts.add("process", fmt::format("{} (pid {}, child of {})", command_text(*process),
                                     process->pid, process->parent));
    facts.add("folder", short_path(process->folder, view.home));
    facts.add("since", fmt::format("{} ({})", age_text(view.now - process->started),
                                   clock_text(process->started, true)));
    facts.add("run by", keeper_text(process->keeper));
  } else {
    facts.add("process", hidden_owner_text(row.held.socket.uid));
  }
  facts.add("service", belongs_text(row));
  return fmt::format("\n  {}\n{}", paint(row.address(), Colour::bold, view.colour), facts.take());
}

std::string place(const Position& at) {
  return at.line == 0 ? "by default" : fmt::format("{}:{}", at.file, at.line);
}

/// What the number means, whoever listens.
std::string meaning_text(const PortReport& report, std::uint16_t port) {
  const PortClass port_class = class_of(port);
  const PortSpan& ephemeral = report.kernel.ephemeral;
  std::string text =
      fmt::format("  {} ({}-{}): {}\n", name_of(port_class), range_of(port_class).first,
                  range_of(port_class).last, meaning_of(port_class));
  if (report.kernel.hands_out(port)) {
    text += fmt::format(
        "  inside the ephemeral range {}-{}: an outgoing connection may take it, so it suits no "
        "server\n",
        ephemeral.first, ephemeral.last);
  } else {
    text += fmt::format("  outside the ephemeral range {}-{} of this machine\n", ephemeral.first,
                        ephemeral.last);
  }
  if (browsers_refuse(port)) text += "  browsers refuse to open it\n";
  if (const std::string_view usual = usual_program(port); !usual.empty())
    text += fmt::format("  commonly used by {}\n", usual);
  return text;
}

std::string nobody_text(const PortReport& report, std::uint16_t port) {
  std::string text = "\nNobody listens there: connections to it are refused.\n";
  for (const ExpectedPort& expected : report.expected) {
    const std::string line =
        fmt::format("{} ({}) expects {} there: {}\n", expected_by_text(expected, report.project),
                    place(expected.at), expected.service.empty() ? "to listen" : "its server",
                    expected.service.empty() ? "devproxy up starts it"
                                             : "start it, or correct the port in the file");
    // The proxy listens on 127.0.0.1 and ::1.
    if (!text.ends_with("\n" + line)) text += line;
  }
  if (report.expected.empty() && !report.project.empty())
    text += fmt::format("Nothing in the file of {} expects a server there.\n", report.project);
  if (port < report.kernel.first_unprivileged) {
    text += fmt::format("Ports below {} need a privilege to listen on.\n",
                        report.kernel.first_unprivileged);
  }
  return text;
}

}  // namespace

std::string port_text(const PortReport& report, std::uint16_t port, const PortsView& view) {
  std::string text = paint(fmt::format("port {}", port), Colour::bold, view.colour) + "\n" +
                     meaning_text(report, port);
  for (const PortRow& row : report.rows) text += row_text(row, view);
  if (report.rows.empty()) text += nobody_text(report, port);
  const std::string notes = notes_text(report, view);
  return notes.empty() ? text : text + "\n" + notes;
}

std::string notes_text(const PortReport& report, const PortsView& view) {
  std::string text;
  for (const PortConflict& conflict : report.conflicts) {
    text += fmt::format("{} {}\n{} {}\n", paint("conflict:", Colour::red, view.colour),
                        conflict.message, paint("hint:", Colour::cyan, view.colour), conflict.hint);
  }
  if (!report.file_problem.empty()) {
    text +=
        fmt::format("{} {}\n", paint("note:", Colour::yellow, view.colour), report.file_problem);
  }
  return text;
}

std::string change_line(const PortRow& row, bool opened, const PortsView& view) {
  std::string text = fmt::format(
      "{} {} {}  {}  ", paint(clock_text(view.now, false), Colour::dim, view.colour),
      opened ? paint("+", Colour::green, view.colour) : paint("-", Colour::red, view.colour),
      row.address(),
      row.is_loopback() ? "loopback" : paint("NETWORK", Colour::yellow, view.colour));
  if (const auto& process = row.held.process) {
    text += fmt::format("{} (pid {}) in {}", command_text(*process), process->pid,
                        short_path(process->folder, view.home));
  } else {
    text += hidden_owner_text(row.held.socket.uid);
  }
  if (const std::string owner = belongs_text(row); !owner.empty()) text += ", " + owner;
  return text + "\n";
}

std::string clock_text(system_clock::time_point at, bool with_date) {
  const std::time_t second = system_clock::to_time_t(at);
  std::tm parts{};
  localtime_r(&second, &parts);
  std::string time = fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (!with_date) return time;
  return fmt::format("{:04}-{:02}-{:02} {}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     time);
}

}  // namespace devproxy
