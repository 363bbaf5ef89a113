#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "config/check.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// The port of 127.0.0.1 or ::1 that a service's connections go to, if that is where they go.
std::optional<std::uint16_t> loopback_port(const Target& target) {
  if (const auto* const port = std::get_if<PortTarget>(&target)) return port->port;
  const auto* const url = std::get_if<UrlTarget>(&target);
  if (url == nullptr) return std::nullopt;
  const std::string address = canonical_address(url->host);
  const bool here = url->host == "localhost" || url->host.ends_with(".localhost") ||
                    address == "127.0.0.1" || address == "::1" || is_any(address);
  return here ? std::optional(url->port) : std::nullopt;
}

class TcpCheck {
 public:
  TcpCheck(const Draft& draft, const Sources& sources, Report& report)
      : draft_(draft), sources_(sources), report_(report) {}

  void run() {
    for (std::size_t i = 0; i < ports().size(); ++i) {
      const auto [first, is_new] = by_port_.emplace(ports()[i].port, i);
      if (!is_new) report_twice(i, first->second);
      check_listeners(i);
    }
    if (ports().empty()) return;
    for (std::size_t i = 0; i < draft_.config.services.size(); ++i) {
      services_.emplace(draft_.config.services[i].name, i);
    }
    for (std::size_t i = 0; i < ports().size(); ++i) check_circle(i);
  }

 private:
  const std::vector<TcpPort>& ports() const { return draft_.config.tcp; }

  std::string place_of(std::size_t port) const { return sources_.place(draft_.tcp_at[port].spot); }

  void report_twice(std::size_t port, std::size_t first) {
    report_.add("config.conflict", draft_.tcp_at[port],
                "the TCP port " + std::to_string(ports()[port].port) + " of " +
                    in_quotes(ports()[port].service) + " is that of " +
                    in_quotes(ports()[first].service) + " already (" + place_of(first) + ")",
                "give one of them another port");
  }

  void check_listeners(std::size_t port) {
    const std::vector<ListenAddress>& listeners = draft_.config.proxy.listen;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      const std::string& host = listeners[i].host;
      const bool covers = host == "127.0.0.1" || host == "::1" || is_any(host);
      if (!covers || listeners[i].port != ports()[port].port) continue;
      report_.add("config.conflict", draft_.tcp_at[port],
                  "the TCP port " + std::to_string(ports()[port].port) + " of " +
                      in_quotes(ports()[port].service) +
                      " is one that the proxy listens on: " + listener_place(draft_, sources_, i),
                  "give the service another port");
      return;
    }
  }

  /// From service to service, by way of their TCP ports: back to where it began?
  void check_circle(std::size_t begin) {
    std::string by_way_of;
    std::size_t at = begin;
    for (std::size_t steps = 0; steps < ports().size(); ++steps) {
      const std::size_t service = services_.at(ports()[at].service);
      const auto port = loopback_port(draft_.config.services[service].target);
      const auto next = port ? by_port_.find(*port) : by_port_.end();
      if (next == by_port_.end()) return;
      // Each circle is told once, where it begins in the file.
      if (next->second < begin) return;
      if (next->second == begin) {
        report_circle(begin, by_way_of);
        return;
      }
      at = next->second;
      by_way_of += (by_way_of.empty() ? "" : ", ") + in_quotes(ports()[at].service) + " (" +
                   place_of(at) + ")";
    }
  }

  void report_circle(std::size_t port, const std::string& by_way_of) {
    report_.add("config.loop", draft_.target_at[services_.at(ports()[port].service)],
                "the service " + in_quotes(ports()[port].service) +
                    " forwards to itself: it listens on " + std::to_string(ports()[port].port) +
                    " (" + place_of(port) + ")" +
                    (by_way_of.empty() ? "" : ", by way of " + by_way_of),
                "name the port of the server that should answer, or another one to listen on");
  }

  const Draft& draft_;
  const Sources& sources_;
  Report& report_;
  std::unordered_map<std::uint16_t, std::size_t> by_port_;  ///< who came first, by index in tcp
  std::unordered_map<std::string_view, std::size_t> services_;
};

}  // namespace

void check_tcp(const Draft& draft, const Sources& sources, Report& report) {
  TcpCheck(draft, sources, report).run();
}

}  // namespace devproxy
