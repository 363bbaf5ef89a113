#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "config/check.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// The addresses that a service's connections go to, as far as the file tells; empty for other
/// machines.
struct Dialled {
  std::vector<std::string> hosts;
  std::uint16_t port = 0;
};

std::vector<std::string> both_loopbacks() {
  return {"127.0.0.1", "::1"};
}

std::vector<std::string> addresses_of(std::string_view host) {
  if (is_localhost(host)) return both_loopbacks();
  std::string address = canonical_address(host);
  if (address.empty()) return {};
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped) && !is_ipv6(address.substr(mapped.size())))
    address.erase(0, mapped.size());
  // What stands for all addresses of this machine leads to its loopback when it is dialled.
  if (is_any(address)) address = is_ipv6(address) ? "::1" : "127.0.0.1";
  return {address};
}

Dialled dialled(const Target& target) {
  if (const auto* const port = std::get_if<PortTarget>(&target)) {
    return {both_loopbacks(), port->port};
  }
  if (const auto* const url = std::get_if<UrlTarget>(&target)) {
    return {addresses_of(url->host), url->port};
  }
  return {};
}

bool accepts(const ListenAddress& listener, const Dialled& target) {
  if (listener.port == 0 || listener.port != target.port) return false;
  return std::any_of(target.hosts.begin(), target.hosts.end(), [&](const std::string& host) {
    if (host == listener.host) return true;
    // "::" takes IPv4 connections too.
    return is_loopback(host) && is_any(listener.host) && (is_ipv6(listener.host) || !is_ipv6(host));
  });
}

/// The pattern that answers `host`: exact, then the longest suffix, then "*"; empty for none.
std::string best_pattern(const std::string& host,
                         const std::unordered_set<std::string_view>& patterns) {
  if (patterns.contains(host)) return host;
  for (std::size_t dot = host.find('.'); dot != std::string::npos; dot = host.find('.', dot + 1)) {
    std::string pattern = "*" + host.substr(dot);
    if (patterns.contains(pattern)) return pattern;
  }
  return patterns.contains("*") ? "*" : "";
}

class LoopCheck {
 public:
  LoopCheck(const Draft& draft, const Sources& sources, Report& report)
      : draft_(draft), sources_(sources), report_(report) {}

  void run() {
    const auto& services = draft_.config.services;
    for (std::size_t i = 0; i < services.size(); ++i) {
      if (std::holds_alternative<RedirectTarget>(services[i].target)) {
        redirects_.emplace(services[i].name, i);
      } else {
        check_server(i);
      }
    }
    if (!redirects_.empty()) check_redirects();
  }

 private:
  const std::vector<ListenAddress>& listeners() const { return draft_.config.proxy.listen; }

  std::string place_of(std::size_t listener) const {
    return listener_place(draft_, sources_, listener);
  }

  void check_server(std::size_t service) {
    const Dialled target = dialled(draft_.config.services[service].target);
    for (std::size_t i = 0; i < listeners().size(); ++i) {
      if (!accepts(listeners()[i], target)) continue;
      report_.add("config.loop", draft_.target_at[service],
                  "the service " + in_quotes(draft_.config.services[service].name) +
                      " is the proxy itself: it listens on " + place_of(i),
                  "name the port of the server that should answer");
      return;
    }
  }

  // A redirect that keeps the path leads back when its host is answered by the same pattern again.
  void check_redirects() {
    std::unordered_set<std::string_view> patterns;
    for (const RouteRule& route : draft_.config.routes) {
      patterns.insert(route.hosts.begin(), route.hosts.end());
    }
    for (std::size_t i = 0; i < draft_.config.routes.size(); ++i) {
      const RouteRule& route = draft_.config.routes[i];
      const auto redirect = redirects_.find(route.service);
      if (redirect == redirects_.end()) continue;
      const std::size_t service = redirect->second;
      const auto& to = std::get<RedirectTarget>(draft_.config.services[service].target).to;
      const auto listener = listener_of(to);
      if (!listener) continue;
      const std::string pattern = best_pattern(authority_of(to).host, patterns);
      if (std::find(route.hosts.begin(), route.hosts.end(), pattern) == route.hosts.end()) continue;
      report_.add("config.loop", draft_.target_at[service],
                  "the redirect leads back to its own route (" +
                      sources_.place(draft_.route_at[i].spot) + ") on the proxy's listener " +
                      place_of(*listener),
                  "redirect to another host, or give the route another host");
    }
  }

  /// The listener that a redirect without a path of its own leads to.
  std::optional<std::size_t> listener_of(std::string_view to) const {
    const bool is_tls = to.starts_with("https://");
    const std::size_t path = to.find_first_of("/?#", to.find("://") + 3);
    if (path != std::string_view::npos && to.substr(path) != "/") return std::nullopt;
    if (is_tls && draft_.config.proxy.https == HttpsMode::off) return std::nullopt;
    const std::uint16_t port = authority_of(to).port;
    for (std::size_t i = 0; i < listeners().size(); ++i) {
      const ListenAddress& listener = listeners()[i];
      // What is only for TLS sends plain requests to https, and so round again.
      if (listener.port == port && !(is_tls && listener.only == ListenOnly::plain)) return i;
    }
    return std::nullopt;
  }

  const Draft& draft_;
  const Sources& sources_;
  Report& report_;
  std::unordered_map<std::string_view, std::size_t> redirects_;  ///< by name of the service
};

}  // namespace

std::string listener_place(const Draft& draft, const Sources& sources, std::size_t listener) {
  const ListenAddress& address = draft.config.proxy.listen[listener];
  const std::string host = is_ipv6(address.host) ? "[" + address.host + "]" : address.host;
  return host + ":" + std::to_string(address.port) +
         (address.is_default ? " by default"
                             : " (" + sources.place(draft.listen_at[listener].spot) + ")");
}

void check_loops(const Draft& draft, const Sources& sources, Report& report) {
  LoopCheck(draft, sources, report).run();
}

}  // namespace devproxy
