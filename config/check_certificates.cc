#include <string_view>
#include <unordered_map>

#include "config/check.h"
#include "config/values.h"

namespace devproxy {

// A handshake knows the name alone, so one host cannot have a certificate for each of its paths.
void check_certificates(const Draft& draft, const Sources& sources, Report& report) {
  const auto& services = draft.config.services;
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (services[i].tls) by_name.emplace(services[i].name, i);
  }
  if (by_name.empty()) return;
  std::unordered_map<std::string_view, std::size_t> first;  // by host
  for (const RouteRule& route : draft.config.routes) {
    const auto found = route.own ? by_name.find(route.service) : by_name.end();
    if (found == by_name.end()) continue;
    for (const std::string& host : route.hosts) {
      if (host == "*") {
        report.add(
            "config.value", draft.tls_at[found->second],
            "tls has no name to be for: the host of " + in_quotes(route.service) + " is \"*\"",
            "write it in [proxy], where it is for every name, or name the hosts");
        break;
      }
      const std::size_t other = first.emplace(host, found->second).first->second;
      const CertificateFiles& one = *services[other].tls;
      const CertificateFiles& two = *services[found->second].tls;
      if (one.cert == two.cert && one.key == two.key) continue;
      report.add("config.conflict", draft.tls_at[found->second],
                 host + " has another certificate already (" +
                     sources.place(draft.tls_at[other].spot) + ")",
                 "a host has one: keep the one that you mean");
      break;
    }
  }
}

}  // namespace devproxy
