#include "cli/text_reporter.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/console.h"
#include "cli/url_table.h"
#include "generated/version.h"

namespace devproxy {
namespace {

/// More than a screenful helps nobody; `devproxy routes` shows them all.
constexpr std::size_t max_rows = 40;

Colour colour_of_change(std::string_view change) {
  if (change.starts_with("+")) return Colour::green;
  if (change.starts_with("-")) return Colour::red;
  return Colour::yellow;
}

}  // namespace

void TextReporter::listening(const Config& config, const std::vector<BoundAddress>& listeners,
                             bool again) {
  mode_ = config.proxy.access_log;
  file_ = std::filesystem::path(config.file).filename().string();
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
  if (const std::string trust = trust_hint(rows, ca_is_trusted_); !trust.empty())
    below += "  " + paint(trust, Colour::yellow, style_.colour) + "\n";
  if (!style_.table) {
    out_.append(fmt::format("devproxy {} serves {} ({}) on {}\n{}{}", version, config.project,
                            config.file, listeners_text(listeners), plain_table(rows), below));
    return;
  }
  out_.append(fmt::format(
      "{} {}, project {}, on {}\n\n{}{}\n", paint("devproxy", Colour::bold, style_.colour), version,
      config.project, listeners_text(listeners),
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
  std::string text =
      fmt::format("{}  reloaded {} in {}{}\n", paint(now(), Colour::dim, style_.colour), file_,
                  duration_text(report.took), report.changes.empty() ? ": no route changed" : "");
  for (const std::string& change : report.changes) {
    text += fmt::format("          {}\n", paint(change, colour_of_change(change), style_.colour));
  }
  out_.append(text);
}

void TextReporter::reload_failed(const Failure& failure) {
  errors_.append(failure_text(failure, style_.colour_of_errors));
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
