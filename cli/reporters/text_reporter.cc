#include "cli/reporters/text_reporter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <variant>

#include "base/text.h"
#include "base/version.h"
#include "cli/project/url_table.h"
#include "cli/project/worktree_text.h"
#include "cli/running/history_form.h"
#include "cli/terminal/console.h"
#include "cli/terminal/time_text.h"
#include "services/output_lines.h"

namespace devproxy {
namespace {

/// More than a screenful helps nobody; `devproxy routes` shows them all.
constexpr std::size_t max_rows = 40;

/// "0.5 s", "10 s"
std::string wait_text(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0
             ? fmt::format("{} s", time.count() / 1000)
             : fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1e3);
}

}  // namespace

void TextReporter::listening(const Config& config, const std::vector<BoundAddress>& listeners,
                             bool again) {
  mode_ = config.proxy.access_log;
  file_ = std::filesystem::path(config.file).filename().string();
  label_width_ = 0;
  for (const Service& service : config.services) {
    if (!std::holds_alternative<CommandTarget>(service.target)) continue;
    label_width_ = std::max(label_width_, service.name.size());
    places_.try_emplace(service.name, places_.size());
  }
  layout_ = LineLayout::for_config(config, 0, style_.colour);
  for (const std::string& warning : exposure_warnings(config)) {
    errors_.append(fmt::format(
        "devproxy: {} {}\n", paint("warning:", Colour::yellow, style_.colour_of_errors), warning));
  }
  if (!again) show_urls(config, listeners);
}

void TextReporter::show_urls(const Config& config, const std::vector<BoundAddress>& listeners) {
  auto rows = url_rows(config, listeners, max_rows);
  const std::size_t total = count_rows(config);
  std::string below =
      total > rows.size()
          ? fmt::format("  ... and {} more: devproxy routes lists them\n", total - rows.size())
          : "";
  const auto tcp = tcp_rows(config);
  rows.insert(rows.end(), tcp.begin(), tcp.end());
  if (const std::string worktree = worktree_text(config.worktree); !worktree.empty())
    below += "  worktree: " + worktree + "\n";
  if (const std::string trust = trust_hint(rows, ca_is_trusted_); !trust.empty())
    below += "  " + paint(trust, Colour::yellow, style_.colour) + "\n";
  if (!style_.table) {
    out_.append(fmt::format("devproxy {} serves {} ({}) on {}\n{}{}", program_version,
                            config.project, config.file, listeners_text(listeners),
                            plain_table(rows), below));
    return;
  }
  out_.append(fmt::format(
      "{} {}, project {}, on {}\n\n{}{}\n", paint("devproxy", Colour::bold, style_.colour),
      program_version, config.project, listeners_text(listeners),
      pretty_table(rows, style_.terminal ? terminal_width() : SIZE_MAX, style_.colour), below));
  const std::string hint =
      rows.empty()
          ? fmt::format("No route yet: add a service to {}; it reloads by itself.", config.file)
          : fmt::format("Open a URL; edit {}: it reloads by itself; Ctrl-C stops.", file_);
  out_.append(paint(hint, Colour::dim, style_.colour) + "\n\n");
}

void TextReporter::exchange(const ExchangeRecord& record) {
  if (mode_ == AccessLogMode::off || out_.reader_is_gone()) return;
  if (style_.terminal) layout_.width = terminal_width();
  buffer_.clear();
  lines_.append_words(buffer_, record, layout_, mode_);
  out_.append(buffer_);
}

void TextReporter::reloaded(const ReloadReport& report) {
  std::string words = fmt::format("reloaded {} in {}{}", file_, duration_text(report.took),
                                  report.changes.empty() ? ": no route changed" : "");
  if (report.cause == Cause::rollback) {
    words = fmt::format("rolled back to {}", generation_words(report.generation, report.since));
    if (!report.is_file) {
      words += fmt::format(
          ", not {}\n          the file's next change, or devproxy reload, takes it again", file_);
    }
    words = paint(words, Colour::yellow, style_.colour);
  }
  std::string text = fmt::format("{}  {}\n", paint(now(), Colour::dim, style_.colour), words);
  for (const std::string& change : report.changes)
    text += fmt::format("          {}\n", paint_change(change, style_.colour));
  out_.append(text);
}

void TextReporter::reload_failed(const Failure& failure) {
  errors_.append(failure_text(failure, style_.colour_of_errors));
}

/// Each service its colour, another one than those beside it in the file.
std::string TextReporter::label(std::string_view service) const {
  constexpr std::array colours{Colour::cyan, Colour::magenta, Colour::green, Colour::yellow};
  const auto place = places_.find(service);
  return paint(fmt::format("{:<{}} |", service, label_width_),
               colours[place == places_.end() ? 0 : place->second % colours.size()], style_.colour);
}

void TextReporter::service_state(const ServiceNews& news) {
  std::string words;
  switch (news.state) {
    case ServiceState::waiting:
      words = fmt::format("{} waits for {}", news.service, news.detail);
      break;
    case ServiceState::starting:
    case ServiceState::stopping:
      return;
    case ServiceState::ready:
      words = fmt::format("{} is ready after {}", news.service, duration_text(news.took));
      break;
    case ServiceState::stopped:
    case ServiceState::failed:
      words = fmt::format("{} {}", news.service, news.detail.empty() ? "stopped" : news.detail);
      break;
  }
  if (news.again_in) {
    words += news.again_in->count() == 0 ? "; again with another port"
                                         : fmt::format("; again in {}", wait_text(*news.again_in));
  }
  const bool bad = news.state == ServiceState::failed;
  const Colour colour = bad                                 ? Colour::red
                        : news.state == ServiceState::ready ? Colour::green
                                                            : Colour::plain;
  std::string text = fmt::format("{}  {}\n", paint(now(), Colour::dim, style_.colour),
                                 paint(escape_own(words), colour, style_.colour));
  // Where nothing stands between, its last lines are there to be read already.
  if (bad && last_label_ != news.service) {
    for (const std::string& line : news.last_lines)
      text += fmt::format("{} {}\n", label(news.service), escape(line));
  }
  last_label_.clear();
  out_.append(text);
}

void TextReporter::service_note(std::string_view service, std::string_view words) {
  out_.append(fmt::format(
      "{}  {}\n", paint(now(), Colour::dim, style_.colour),
      paint(escape_own(fmt::format("{} {}", service, words)), Colour::yellow, style_.colour)));
}

void TextReporter::service_line(std::string_view service, std::string_view line) {
  if (out_.reader_is_gone()) return;
  if (last_label_ != service) last_label_ = service;
  // A terminal may show what the program wrote for one; anything else gets plain text.
  const bool coloured = style_.terminal && line.find('\x1B') != std::string_view::npos;
  const std::string shown = style_.terminal ? style_.colour ? std::string(line) : plain_text(line)
                                            : escape(plain_text(line));
  out_.append(
      fmt::format("{} {}{}\n", label(service), shown, coloured && style_.colour ? "\x1B[0m" : ""));
}

void TextReporter::stopping(std::string_view signal, std::chrono::seconds limit) {
  // On a terminal the cursor stands behind the "^C" that the keyboard left.
  out_.append(fmt::format("{}{}: stopping, running requests have {} s; {} again ends at once\n",
                          style_.terminal ? "\r" : "", signal, limit.count(),
                          signal == "SIGINT" ? "Ctrl-C" : signal));
}

const std::string& TextReporter::now() {
  return lines_.clock(std::chrono::system_clock::now());
}

}  // namespace devproxy
