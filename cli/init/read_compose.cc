#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/init/findings.h"

namespace devproxy {
namespace {

/// A line of YAML as far as we need it: how deep, and what stands there.
struct Line {
  std::size_t indent = 0;
  std::string_view text;
};

std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#' && (i == 0 || line[i - 1] == ' ')) {
      return line.substr(0, i);
    }
  }
  return line;
}

std::string_view trim_all(std::string_view text) {
  text = trim(text);
  while (text.ends_with('\r')) text = trim(text.substr(0, text.size() - 1));
  return text;
}

std::string_view unquote(std::string_view text) {
  text = trim_all(text);
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view content = trim_all(without_comment(raw));
    if (!content.empty()) lines.push_back({raw.find_first_not_of(' '), content});
  }
  return lines;
}

/// "${WEB_PORT:-8080}:80" has a default; without one the port is unknown.
std::string expand(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = text.find("${");
    const std::size_t end = text.find('}', begin == std::string_view::npos ? 0 : begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) break;
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    const std::size_t fallback = name.find('-');
    out += text.substr(0, begin);
    if (fallback != std::string_view::npos) out += name.substr(fallback + 1);
    text.remove_prefix(end + 1);
  }
  return out += text;
}

struct Published {
  std::optional<std::uint16_t> host;
  std::uint16_t container = 0;
};

std::uint16_t first_port(std::string_view range) {
  const auto number = parse_number(range.substr(0, range.find('-')));
  return number && *number <= 65'535 ? static_cast<std::uint16_t>(*number) : std::uint16_t{0};
}

/// "8080:80", "127.0.0.1:8080:80/tcp", "3000-3005:3000-3005", "80" (any port of the host).
std::optional<Published> read_short(std::string_view text) {
  const std::string expanded = expand(unquote(text));
  std::string_view rest = expanded;
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    if (rest.substr(slash + 1) != "tcp") return std::nullopt;
    rest = rest.substr(0, slash);
  }
  const std::size_t colon = rest.rfind(':');
  Published published;
  published.container = first_port(colon == std::string_view::npos ? rest : rest.substr(colon + 1));
  if (published.container == 0) return std::nullopt;
  if (colon != std::string_view::npos) {
    const std::string_view left = rest.substr(0, colon);
    const std::uint16_t host = first_port(left.substr(left.rfind(':') + 1));
    if (host != 0) published.host = host;
  }
  return published;
}

/// Databases and brokers: what listens there speaks no HTTP.
bool speaks_no_http(std::uint16_t container) {
  constexpr std::array<std::uint16_t, 14> ports{25,   389,  1025, 1433, 1521, 1883, 2181,
                                                3306, 4222, 5432, 5672, 6379, 9092, 11211};
  return std::find(ports.begin(), ports.end(), container) != ports.end() || container == 27017;
}

Finding finding_of(std::string_view service, std::string_view file, const Published& published) {
  Finding finding;
  finding.name = dns_label(service, "service");
  if (!published.host) {
    finding.evidence =
        fmt::format("{}, service {}, container port {}", file, service, published.container);
    finding.reason =
        "it is published on another port each time: write \"8080:80\" there, and 8080 here";
  } else {
    finding.evidence = fmt::format("{}, service {}, ports {}:{}", file, service, *published.host,
                                   published.container);
    if (speaks_no_http(published.container)) {
      finding.speaks_http = false;
      finding.reason =
          fmt::format("port {} usually speaks no HTTP, so it gets no URL", published.container);
    } else {
      finding.port = published.host;
      finding.reason = "the port that compose publishes";
    }
  }
  return finding;
}

/// Walks the lines of one service.
class ServiceReader final {
 public:
  std::optional<Published> published() const {
    if (!ports_.empty()) {
      // The first that looks like HTTP.
      for (const Published& each : ports_) {
        if (each.host && !speaks_no_http(each.container)) return each;
      }
      return ports_.front();
    }
    return std::nullopt;
  }

  void read(const Line& line) {
    if (in_ports_ && (line.indent > ports_indent_ ||
                      (line.indent == ports_indent_ && line.text.front() == '-'))) {
      read_port(line.text);
      return;
    }
    in_ports_ = line.text.starts_with("ports:");
    ports_indent_ = line.indent;
    if (in_ports_) read_flow(trim_all(line.text.substr(6)));
  }

 private:
  void add(const std::optional<Published>& published) {
    if (published) ports_.push_back(*published);
  }

  void read_flow(std::string_view list) {
    if (!list.starts_with('[')) return;
    list = list.substr(
        1, list.rfind(']') == std::string_view::npos ? list.size() : list.rfind(']') - 1);
    for (const std::string_view item : split(list, ',')) add(read_short(item));
  }

  void read_port(std::string_view text) {
    if (text.starts_with('-')) {
      text = trim_all(text.substr(1));
      if (text.find(": ") == std::string_view::npos) {
        add(read_short(text));
        return;
      }
      ports_.push_back({});
    }
    // The long form: target and published on lines of their own.
    if (ports_.empty()) return;
    if (text.starts_with("target:")) ports_.back().container = first_port(unquote(text.substr(7)));
    if (text.starts_with("published:")) {
      const std::string expanded = expand(unquote(text.substr(10)));
      if (const std::uint16_t port = first_port(expanded); port != 0) ports_.back().host = port;
    }
  }

  std::vector<Published> ports_;
  bool in_ports_ = false;
  std::size_t ports_indent_ = 0;
};

}  // namespace

std::vector<Finding> read_compose(std::string_view text, std::string_view file) {
  std::vector<Finding> findings;
  std::string_view service;
  ServiceReader reader;
  std::size_t service_indent = 0;
  const auto finish = [&] {
    const auto published = reader.published();
    if (!service.empty() && published) findings.push_back(finding_of(service, file, *published));
    service = {};
    reader = ServiceReader();
  };
  bool in_services = false;
  for (const Line& line : lines_of(text)) {
    if (line.indent == 0) {
      finish();
      in_services = line.text == "services:";
      service_indent = 0;
      continue;
    }
    if (!in_services) continue;
    if (service_indent == 0) service_indent = line.indent;
    if (line.indent == service_indent && line.text.ends_with(':')) {
      finish();
      service = unquote(line.text.substr(0, line.text.size() - 1));
    } else {
      reader.read(line);
    }
  }
  finish();
  return findings;
}

}  // namespace devproxy
