#include "cli/project/url_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/text.h"
#include "cli/project/public_urls.h"
#include "cli/terminal/console.h"
#include "config/values.h"
#include "proxy/endpoint.h"

namespace devproxy {
namespace {

/// A command may be long; the file has the whole.
std::string short_text(std::string text) {
  constexpr std::size_t most = 32;
  if (text.size() <= most) return text;
  return text.substr(0, most - 3) + "...";
}

struct ToText {
  std::string operator()(const PortTarget& target) const { return fmt::format(":{}", target.port); }
  std::string operator()(const UrlTarget& target) const {
    const std::string address = target.port == default_port(target.scheme)
                                    ? host_text(target.host)
                                    : address_text({target.host, target.port});
    return fmt::format("{}://{}", scheme_text(target.scheme), address);
  }
  std::string operator()(const UnixTarget& target) const {
    return "unix:" + escape_own(target.path);
  }
  std::string operator()(const RedirectTarget& target) const { return "-> " + escape(target.to); }
  std::string operator()(const CommandTarget& target) const {
    const std::string words = short_text(escape(fmt::format("{}", fmt::join(target.words, " "))));
    const std::uint16_t port = target.listens_on != 0 ? target.listens_on : target.port;
    return port == 0 ? words : fmt::format(":{} {}", port, words);
  }
  std::string operator()(const FollowTarget& target) const {
    const std::string whom = short_text(escape(target.text));
    if (!target.found) return "follow " + whom;
    return *target.found == 0 ? fmt::format("follow {}: nothing matches", whom)
                              : fmt::format(":{} follow {}", *target.found, whom);
  }
};

std::string conditions(const RouteRule& rule) {
  std::string text = fmt::format("{}", fmt::join(rule.methods, ", "));
  for (const auto& [name, value] : rule.headers) {
    if (!text.empty()) text += ", ";
    text.append(escape(name)).append(": ").append(escape(value));
  }
  return text;
}

std::string when_words(const RouteRule& rule) {
  std::string text;
  for (const ServiceWhen& when : rule.service_when) {
    text +=
        fmt::format("{}{} for {}", text.empty() ? "" : ", ", when.service, escape(when_text(when)));
  }
  return text;
}

std::string target_column(const UrlRow& row) {
  std::string text = row.target;
  if (!row.only.empty()) text += fmt::format("  (only {})", row.only);
  if (!row.when.empty()) text += fmt::format("  ({})", row.when);
  if (!row.fallback.empty())
    text += fmt::format("  (falls back to {} of the main checkout)", row.fallback);
  return text;
}

/// The end of a URL says more than its middle, so that is what gives way.
std::string cut(const std::string& text, std::size_t width) {
  if (text.size() <= width || width < 8) return text;
  const std::size_t tail = (width - 3) / 2;
  return text.substr(0, width - 3 - tail) + "..." + text.substr(text.size() - tail);
}

}  // namespace

std::string target_text(const Target& target) {
  return std::visit(ToText{}, target);
}

std::string host_text(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string shown_port(std::uint16_t port) {
  return port == 0 ? "<a free port>" : fmt::format("{}", port);
}

std::string address_text(const BoundAddress& address) {
  return fmt::format("{}:{}", host_text(address.host), shown_port(address.port));
}

std::string listeners_text(const std::vector<BoundAddress>& listeners) {
  std::string text;
  for (const BoundAddress& address : listeners) {
    if (!text.empty()) text += ", ";
    text += address_text(address);
  }
  return text;
}

std::vector<BoundAddress> wanted_listeners(const Config& config) {
  std::vector<BoundAddress> listeners;
  for (const ListenAddress& address : config.proxy.listen)
    listeners.push_back({address.host, address.port, address.only});
  return listeners;
}

std::size_t count_rows(const Config& config) {
  std::size_t count = 0;
  for (const RouteRule& rule : config.routes) count += rule.hosts.size();
  return count;
}

std::vector<UrlRow> url_rows(const Config& config, const std::vector<BoundAddress>& listeners,
                             std::size_t limit) {
  std::vector<UrlRow> rows;
  const PublicUrls urls(config, listeners);
  std::unordered_map<std::string_view, const Service*> services;
  for (const Service& service : config.services) services.emplace(service.name, &service);
  for (const RouteRule& rule : config.routes) {
    const auto service = services.find(rule.service);
    for (const std::string& host : rule.hosts) {
      if (rows.size() >= limit) return rows;
      UrlRow row;
      row.url = urls.origin(host) + (rule.path == "/" ? "" : escape(rule.path));
      row.needs_local_ca = urls.needs_local_ca(host);
      row.is_open = urls.is_open(host);
      row.host = host;
      row.path = rule.path;
      row.service = rule.service;
      if (service != services.end()) {
        row.target = target_text(service->second->target);
        row.fallback = service->second->fallback;
      }
      row.only = conditions(rule);
      row.when = when_words(rule);
      row.rule = &rule;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<UrlRow> tcp_rows(const Config& config) {
  std::vector<UrlRow> rows;
  for (const TcpPort& port : config.tcp) {
    UrlRow row;
    row.url = fmt::format("tcp 127.0.0.1:{}", port.port);
    row.service = port.service;
    const auto service =
        std::find_if(config.services.begin(), config.services.end(),
                     [&port](const Service& each) { return each.name == port.service; });
    if (service != config.services.end()) {
      const auto* const command = std::get_if<CommandTarget>(&service->target);
      const bool is_elsewhere = command != nullptr && command->listens_on != 0;
      const bool is_followed = std::holds_alternative<FollowTarget>(service->target);
      row.target = is_followed    ? target_text(service->target)
                   : is_elsewhere ? escape(endpoint_of(PortTarget{command->listens_on}).text())
                                  : escape(endpoint_of(service->target).text());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string pretty_table(const std::vector<UrlRow>& rows, std::size_t width, bool colour) {
  std::size_t url = 3;
  std::size_t service = 7;
  std::size_t target = 6;
  for (const UrlRow& row : rows) {
    url = std::max(url, row.url.size());
    service = std::max(service, row.service.size());
    target = std::max(target, target_column(row).size());
  }
  // Only the URLs give way, and never to less than what still tells them apart.
  const std::size_t others = 2 + 2 + service + 2 + target;
  if (url + others > width)
    url =
        std::max<std::size_t>(width > others ? width - others : 0, std::min<std::size_t>(url, 36));

  std::string text =
      paint(fmt::format("  {:<{}}  {:<{}}  {}", "URL", url, "SERVICE", service, "TARGET"),
            Colour::dim, colour) +
      "\n";
  for (const UrlRow& row : rows) {
    const std::string shown = cut(row.url, url);
    text +=
        fmt::format("  {}{:{}}  {:<{}}  {}\n", paint(shown, Colour::cyan, colour), "",
                    url - std::min(url, shown.size()), row.service, service, target_column(row));
  }
  return text;
}

std::string plain_table(const std::vector<UrlRow>& rows) {
  std::string text;
  for (const UrlRow& row : rows) {
    const bool redirect = row.target.starts_with("->");
    text += fmt::format("{} {}{} {}\n", row.url, redirect ? "" : "-> ", row.service,
                        target_column(row));
  }
  return text;
}

std::string trust_hint(const std::vector<UrlRow>& rows,
                       const std::function<bool()>& ca_is_trusted) {
  const bool matters =
      std::any_of(rows.begin(), rows.end(), [](const UrlRow& row) { return row.needs_local_ca; });
  if (!matters || !ca_is_trusted || ca_is_trusted()) return "";
  return "https is not trusted on this machine yet: devproxy trust";
}

}  // namespace devproxy
