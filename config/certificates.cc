#include "config/certificates.h"

#include <algorithm>
#include <string>

namespace devproxy {

bool is_below(std::string_view host, std::string_view domain) {
  return host.ends_with(domain) &&
         (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

bool is_in_domains(const ProxySettings& proxy, std::string_view host) {
  return std::any_of(proxy.domains.begin(), proxy.domains.end(),
                     [&](const std::string& domain) { return is_below(host, domain); });
}

bool can_be_signed(const ProxySettings& proxy, std::string_view host) {
  return is_below(host, "localhost") || is_below(host, "test") || is_in_domains(proxy, host);
}

ServiceCertificates::ServiceCertificates(const Config& config) {
  std::unordered_map<std::string_view, const CertificateFiles*> by_service;
  for (const Service& service : config.services) {
    if (service.tls) by_service.emplace(service.name, &*service.tls);
  }
  if (by_service.empty()) return;
  for (const RouteRule& route : config.routes) {
    const auto found = route.own ? by_service.find(route.service) : by_service.end();
    if (found == by_service.end()) continue;
    for (const std::string& host : route.hosts) {
      // A catch-all names nobody: who wants a certificate for all says so in [proxy].
      if (host != "*") by_pattern_.emplace(host, found->second);
    }
  }
}

const CertificateFiles* ServiceCertificates::find(std::string_view host) const {
  if (by_pattern_.empty()) return nullptr;
  const auto at = [this](std::string_view pattern) {
    const auto found = by_pattern_.find(pattern);
    return found == by_pattern_.end() ? nullptr : found->second;
  };
  if (const CertificateFiles* const exact = at(host)) return exact;
  for (std::size_t dot = host.find('.'); dot != std::string_view::npos;
       dot = host.find('.', dot + 1)) {
    if (const CertificateFiles* const below = at("*" + std::string(host.substr(dot)))) return below;
  }
  return nullptr;
}

}  // namespace devproxy
