#include "base/port_class.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::uint16_t own_port = 6289;

// https://fetch.spec.whatwg.org/#port-blocking
constexpr auto refused = std::to_array<std::uint16_t>(
    {0,    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,    25,
     37,   42,   43,   53,   69,   77,   79,   87,   95,   101,  102,  103,  104,   109,
     110,  111,  113,  115,  117,  119,  123,  135,  137,  139,  143,  161,  179,   389,
     427,  465,  512,  513,  514,  515,  526,  530,  531,  532,  540,  548,  554,   556,
     563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659,  4045,
     4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10'080});

struct Usual {
  std::uint16_t port;
  std::string_view program;
};
constexpr auto usual = std::to_array<Usual>({
    {22, "ssh"},
    {25, "mail (SMTP)"},
    {53, "name servers (DNS)"},
    {80, "web servers (HTTP)"},
    {443, "web servers (HTTPS)"},
    {631, "printing (CUPS)"},
    {1025, "Mailpit and MailHog (SMTP)"},
    {1433, "SQL Server"},
    {2019, "Caddy's administration"},
    {2375, "Docker"},
    {3000, "development servers: Next, Rails, Grafana and many more"},
    {3306, "MySQL and MariaDB"},
    {4200, "Angular"},
    {4321, "Astro"},
    {5000, "Flask and ASP.NET; on macOS AirPlay"},
    {5173, "Vite"},
    {5353, "mDNS"},
    {5432, "PostgreSQL"},
    {5672, "RabbitMQ"},
    {6289, "devproxy"},
    {6379, "Redis and Valkey"},
    {7000, "on macOS AirPlay"},
    {8000, "development servers: Django, uvicorn, Python's http.server"},
    {8025, "Mailpit and MailHog"},
    {8080, "all kinds of web servers"},
    {8443, "all kinds of web servers (HTTPS)"},
    {8787, "Wrangler"},
    {9000, "PHP-FPM, MinIO and many more"},
    {9092, "Kafka"},
    {9200, "Elasticsearch and OpenSearch"},
    {9229, "Node's debugger"},
    {11'211, "memcached"},
    {11'434, "Ollama"},
    {24'678, "Vite before 5.1, for hot reload"},
    {27'017, "MongoDB"},
});

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = parse_number(trim(text));
  if (!number || *number > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

PortClass class_of(std::uint16_t port) {
  if (port <= range_of(PortClass::well_known).last) return PortClass::well_known;
  return port <= range_of(PortClass::registered).last ? PortClass::registered : PortClass::dynamic;
}

PortSpan range_of(PortClass port_class) {
  switch (port_class) {
    case PortClass::well_known:
      return {0, 1023};
    case PortClass::registered:
      return {1024, 49'151};
    case PortClass::dynamic:
      break;
  }
  return {49'152, 65'535};
}

std::string_view name_of(PortClass port_class) {
  switch (port_class) {
    case PortClass::well_known:
      return "well-known";
    case PortClass::registered:
      return "registered";
    case PortClass::dynamic:
      break;
  }
  return "dynamic";
}

std::string_view meaning_of(PortClass port_class) {
  switch (port_class) {
    case PortClass::well_known:
      return "standard services of the internet; listening there mostly needs a privilege";
    case PortClass::registered:
      return "programs may register one with IANA, and any program may listen there";
    case PortClass::dynamic:
      break;
  }
  return "nobody can register one: whoever took it has it until it ends; macOS and Windows "
         "give them to outgoing connections";
}

bool browsers_refuse(std::uint16_t port) {
  return std::find(refused.begin(), refused.end(), port) != refused.end();
}

std::string_view usual_program(std::uint16_t port) {
  const auto found = std::find_if(usual.begin(), usual.end(),
                                  [port](const Usual& each) { return each.port == port; });
  return found == usual.end() ? std::string_view() : found->program;
}

bool KernelPorts::hands_out(std::uint16_t port) const {
  return ephemeral.contains(port) &&
         std::none_of(reserved.begin(), reserved.end(),
                      [port](const PortSpan& range) { return range.contains(port); });
}

bool is_assignable(std::uint16_t port, const KernelPorts& kernel) {
  return class_of(port) != PortClass::well_known && port >= kernel.first_unprivileged &&
         !kernel.ephemeral.contains(port) && !browsers_refuse(port) && port != own_port;
}

std::optional<PortSpan> parse_port_range(std::string_view text) {
  const std::string_view line = trim(first_line(text));
  const std::size_t gap = line.find_first_of(" \t");
  if (gap == std::string_view::npos) return std::nullopt;
  const auto first = parse_port(line.substr(0, gap));
  const auto last = parse_port(line.substr(gap));
  if (!first || !last || *first > *last) return std::nullopt;
  return PortSpan{*first, *last};
}

std::vector<PortSpan> parse_port_list(std::string_view text) {
  std::vector<PortSpan> ranges;
  for (const std::string_view part : split(first_line(text), ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_port(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(part.substr(dash + 1));
    if (first && last && *first <= *last) ranges.push_back({*first, *last});
  }
  return ranges;
}

}  // namespace devproxy
