#include "cli/reporters/access_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "cli/terminal/console.h"
#include "cli/terminal/time_text.h"

namespace devproxy {
namespace {

using std::chrono::system_clock;

constexpr std::size_t method_width = 7;
constexpr std::size_t duration_width = 7;
/// Everything of a line but host, path and service.
constexpr std::size_t fixed_width = 8 + 2 + method_width + 1 + 2 + 2 + 3 + 1 + duration_width + 2;

std::string_view without_query(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::string_view shown_target(std::string_view target, AccessLogMode mode) {
  return mode == AccessLogMode::full ? target : without_query(target);
}

/// "812 B", "1.2 KiB", "64.0 MiB"
std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  static constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  auto count = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; count >= 1023.95 && unit + 1 < units.size(); ++unit) count /= 1024;
  return fmt::format("{:.1f} {}", count, units[unit]);
}

bool is_tcp(const ExchangeRecord& record) {
  return record.protocol == "tcp";
}

/// In place of a path: what went each way.
std::string path_column(const ExchangeRecord& record, AccessLogMode mode) {
  if (!is_tcp(record)) return escape(shown_target(record.target, mode));
  return fmt::format("{} in, {} out", size_text(record.bytes_in), size_text(record.bytes_out));
}

/// Our own port says nothing in a list of our own requests.
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || !parse_number(host.substr(colon + 1))) return host;
  // "::1" without brackets is no host with a port.
  if (host.find(':') != colon && (colon == 0 || host[colon - 1] != ']')) return host;
  return host.substr(0, colon);
}

std::string fit(std::string text, std::size_t width, bool cut) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  if (cut && text.size() > width) text = text.substr(0, width - 3) + "...";
  return text;
}

Colour colour_of(int status) {
  if (status < 200) return Colour::magenta;
  if (status < 300) return Colour::green;
  if (status < 400) return Colour::cyan;
  if (status < 500) return Colour::yellow;
  return Colour::red;
}

/// Behind the service, or on a line of its own where a terminal has no room for it.
void append_note(std::string& to, const ExchangeRecord& record, const LineLayout& layout,
                 std::size_t path_width) {
  const std::string note = escape(record.note);
  const std::size_t used = fixed_width + layout.host + path_width + escape(record.service).size();
  const bool fits = layout.width == 0 || used + note.size() + 4 <= layout.width;
  const std::string_view before = fits ? (record.service.empty() ? "  (" : " (") : "\n          ";
  fmt::format_to(std::back_inserter(to), "{}{}{}", before, paint(note, Colour::dim, layout.colour),
                 fits ? ")" : "");
}

}  // namespace

LineLayout LineLayout::for_config(const Config& config, std::size_t width, bool colour) {
  LineLayout layout;
  layout.width = width;
  layout.colour = colour;
  layout.host = 9;
  layout.service = 3;
  for (const RouteRule& rule : config.routes) {
    for (const std::string& host : rule.hosts) layout.host = std::max(layout.host, host.size());
  }
  if (!config.tcp.empty())
    layout.host = std::max(layout.host, std::string_view("127.0.0.1:65535").size());
  for (const Service& service : config.services)
    layout.service = std::max(layout.service, service.name.size());
  layout.host = std::min<std::size_t>(layout.host, 32);
  layout.service = std::min<std::size_t>(layout.service, 20);
  return layout;
}

void AccessLines::append_words(std::string& to, const ExchangeRecord& record,
                               const LineLayout& layout, AccessLogMode mode) {
  const bool cut = layout.width != 0;
  const std::size_t others = fixed_width + layout.host + layout.service;
  const std::size_t room = layout.width > others ? layout.width - others : 0;
  const std::size_t path_width = cut ? std::clamp<std::size_t>(room, 16, 100) : 32;
  const std::string status = record.status > 0 ? fmt::format("{:3}", record.status) : "  -";

  const std::string_view host = is_tcp(record) ? record.host : without_port(record.host);

  fmt::format_to(std::back_inserter(to), "{}  {} {}  {}  {} {:>{}}",
                 paint(clock(record.began), Colour::dim, layout.colour),
                 fit(escape(record.method), method_width, cut), fit(escape(host), layout.host, cut),
                 fit(path_column(record, mode), path_width, cut),
                 paint(status, colour_of(record.status), layout.colour), duration_text(record.took),
                 duration_width);
  // The proxy itself answered when there is no service.
  if (!record.service.empty())
    fmt::format_to(std::back_inserter(to), "  {}", escape(record.service));
  if (!record.note.empty()) append_note(to, record, layout, path_width);
  to += '\n';
}

void AccessLines::append_json(std::string& to, const ExchangeRecord& record, AccessLogMode mode,
                              bool event) {
  const auto since = record.began.time_since_epoch();
  const auto second = std::chrono::floor<std::chrono::seconds>(since);
  const auto millisecond = std::chrono::floor<std::chrono::milliseconds>(since - second).count();
  if (event) {
    fmt::format_to(std::back_inserter(to), R"({{"schema":"devproxy.event/v1","event":"{}",)",
                   is_tcp(record) ? "connection" : "request");
  }
  fmt::format_to(
      std::back_inserter(to),
      R"({}"time":"{}.{:03}Z","method":"{}","host":"{}","path":"{}","status":{},"ms":{:.3f},"service":"{}",)"
      R"("protocol":"{}","bytes_in":{},"bytes_out":{},"note":"{}"}})",
      event ? "" : "{", utc_seconds(second.count()), millisecond, escape_json(record.method),
      escape_json(record.host), escape_json(shown_target(record.target, mode)), record.status,
      static_cast<double>(record.took.count()) / 1e3, escape_json(record.service),
      escape_json(record.protocol), record.bytes_in, record.bytes_out, escape_json(record.note));
  to += '\n';
}

const std::string& AccessLines::clock(system_clock::time_point at) {
  const std::time_t second = system_clock::to_time_t(at);
  if (second != local_second_) {
    std::tm parts{};
    localtime_r(&second, &parts);
    local_ = fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
    local_second_ = second;
  }
  return local_;
}

const std::string& AccessLines::utc_seconds(std::time_t second) {
  if (second != utc_second_) {
    std::tm parts{};
    gmtime_r(&second, &parts);
    utc_ = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    utc_second_ = second;
  }
  return utc_;
}

}  // namespace devproxy
