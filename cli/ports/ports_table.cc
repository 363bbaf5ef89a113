#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "cli/ports/ports_text.h"
#include "cli/terminal/console.h"
#include "cli/terminal/process_words.h"

namespace devproxy {
namespace {

enum Column : std::size_t {
  address,
  reach,
  port_class,
  pid,
  since,
  service,
  command,
  where,
  count
};
constexpr std::array<std::string_view, count> heads{
    "ADDRESS", "REACH", "CLASS", "PID", "SINCE", "SERVICE", "COMMAND", "FOLDER OR UNIT"};
constexpr std::size_t gap = 2;
/// With less room than this a command or a folder says nothing.
constexpr std::size_t least_command = 24;
constexpr std::size_t least_where = 16;

using Cells = std::array<std::string, count>;
using Widths = std::array<std::size_t, count>;

std::string where_text(const ProcessFacts& process, const PortsView& view) {
  const std::string keeper = keeper_text(process.keeper);
  return keeper.empty() ? short_path(process.folder, view.home) : keeper;
}

Cells cells_of(const PortRow& row, const PortReport& report, const PortsView& view) {
  Cells cells;
  cells[address] = row.address();
  cells[reach] = row.is_loopback() ? "loopback" : "NETWORK";
  cells[port_class] = name_of(class_of(row.port()));
  if (report.kernel.hands_out(row.port())) cells[port_class] += " ~";
  cells[service] = row.of_proxy ? "(proxy)" : row.service.empty() ? "-" : row.service;
  if (!row.project.empty() && row.project != report.project)
    cells[service] = escape(row.project) + "/" + cells[service];
  if (const auto& process = row.held.process) {
    cells[pid] = fmt::format("{}", process->pid);
    cells[since] = age_text(view.now - process->started);
    cells[command] = command_text(*process);
    cells[where] = where_text(*process, view);
  } else {
    cells[pid] = cells[since] = cells[where] = "-";
    cells[command] = hidden_owner_text(row.held.socket.uid);
  }
  return cells;
}

Colour colour_of(std::size_t column, const Cells& cells) {
  if (column == reach && cells[reach] == "NETWORK") return Colour::yellow;
  if (column == service && cells[service] != "-") return Colour::cyan;
  if (column == where || column == since) return Colour::dim;
  return Colour::plain;
}

/// `columns` of a row, padded but for the last one.
std::string line_of(const Cells& cells, const std::vector<Column>& columns, const Widths& widths,
                    bool colour) {
  std::string line;
  std::size_t owed = gap;  // spaces before the next cell, so that no line ends with some
  for (const Column column : columns) {
    const std::string& text = cells[column];
    line += fmt::format("{:{}}{}", "", owed, paint(text, colour_of(column, cells), colour));
    owed = widths[column] - std::min(widths[column], text.size()) + gap;
  }
  return line + "\n";
}

std::size_t total(const std::vector<Column>& columns, const Widths& widths) {
  std::size_t sum = 0;
  for (const Column column : columns) sum += gap + widths[column];
  return sum;
}

std::string head_line(const std::vector<Column>& columns, const Widths& widths, bool colour) {
  Cells cells;
  for (const Column column : columns) cells[column] = heads[column];
  const std::string line = line_of(cells, columns, widths, false);
  return paint(line.substr(0, line.size() - 1), Colour::dim, colour) + "\n";
}

/// Command and folder give way, each as far as it says something; false: there is no room for both.
bool fit_one_line(const std::vector<Column>& columns, Widths& widths, std::size_t width) {
  const std::size_t others = total(columns, widths) - widths[command] - widths[where];
  if (total(columns, widths) <= width) return true;
  if (others + least_command + least_where > width) return false;
  const std::size_t room = width - others;
  const std::size_t least = std::min(widths[where], std::max(least_where, room / 3));
  widths[command] = std::min(widths[command], room - least);
  widths[where] = std::min(widths[where], room - widths[command]);
  return true;
}

std::string second_line(const Cells& cells, const PortsView& view) {
  const std::size_t indent = 4;
  const std::size_t room = view.width - std::min(view.width, indent + gap);
  const std::string place =
      cells[where] == "-" ? "" : cut_beginning(cells[where], std::max(room / 2, least_where));
  const std::size_t left = room - std::min(room, place.size());
  const std::string words = cut_end(cells[command], std::max(left, least_where));
  return fmt::format("{:{}}{}{}{}\n", "", indent, words, place.empty() ? "" : "  ",
                     paint(place, Colour::dim, view.colour));
}

std::string legend(const PortReport& report, const PortsView& view) {
  const auto any = [&report](const auto& wanted) {
    return std::any_of(report.rows.begin(), report.rows.end(), wanted);
  };
  std::string text;
  if (any([](const PortRow& row) { return !row.is_loopback(); })) {
    text += paint("NETWORK", Colour::yellow, view.colour) +
            ": other machines reach it, unless a firewall is in the way\n";
  }
  if (any([&report](const PortRow& row) { return report.kernel.hands_out(row.port()); })) {
    text +=
        fmt::format("~: in the ephemeral range {}-{}, from which outgoing connections are served\n",
                    report.kernel.ephemeral.first, report.kernel.ephemeral.last);
  }
  return text;
}

std::string rows_text(const PortReport& report, const PortsView& view) {
  std::vector<Column> columns{address, reach, port_class, pid, since, service, command, where};
  const auto is_known = [](const PortRow& row) { return row.of_proxy || !row.service.empty(); };
  if (report.project.empty() && std::none_of(report.rows.begin(), report.rows.end(), is_known))
    std::erase(columns, service);
  std::vector<Cells> rows;
  Widths widths{};
  for (const Column column : columns) widths[column] = heads[column].size();
  for (const PortRow& row : report.rows) {
    rows.push_back(cells_of(row, report, view));
    for (const Column column : columns)
      widths[column] = std::max(widths[column], rows.back()[column].size());
  }
  const bool one_line = fit_one_line(columns, widths, view.width);
  if (!one_line) columns.resize(columns.size() - 2);
  std::string text = head_line(columns, widths, view.colour);
  for (Cells& cells : rows) {
    if (one_line) {
      cells[command] = cut_end(cells[command], widths[command]);
      cells[where] = cut_beginning(cells[where], widths[where]);
    }
    text += line_of(cells, columns, widths, view.colour);
    if (!one_line) text += second_line(cells, view);
  }
  return text;
}

}  // namespace

std::string ports_table(const PortReport& report, const PortsView& view) {
  std::string text =
      report.rows.empty() ? "Nobody listens on a TCP port here.\n" : rows_text(report, view);
  for (const std::string& below : {legend(report, view), notes_text(report, view)}) {
    if (!below.empty()) text += "\n" + below;
  }
  return text;
}

}  // namespace devproxy
