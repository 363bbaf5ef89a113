#include "cli/project/public_urls.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/project/url_table.h"
#include "config/values.h"

namespace devproxy {

std::optional<std::uint16_t> public_port(const std::vector<BoundAddress>& listeners, bool tls) {
  const ListenOnly other = tls ? ListenOnly::plain : ListenOnly::tls;
  const std::uint16_t own = tls ? 443 : 80;
  const BoundAddress* best = nullptr;
  for (const BoundAddress& address : listeners) {
    if (address.only == other) continue;
    if (address.port == own) return own;
    if (best == nullptr || (is_loopback(address.host) && !is_loopback(best->host))) best = &address;
  }
  if (best == nullptr) return std::nullopt;
  return best->port;
}

std::string own_url(const Config& config, const PublicUrls& urls, const std::string& service) {
  for (const RouteRule& rule : config.routes) {
    if (rule.service != service || !rule.own) continue;
    for (const std::string& host : rule.hosts) {
      if (host.starts_with('*')) continue;
      return urls.origin(host) + (rule.path == "/" ? "" : rule.path);
    }
  }
  return "";
}

PublicUrls::PublicUrls(const Config& config, const std::vector<BoundAddress>& listeners)
    : proxy_(config.proxy), services_(config), http_(public_port(listeners, false)) {
  if (proxy_.https != HttpsMode::off) https_ = public_port(listeners, true);
}

bool PublicUrls::has_own_certificate(const std::string& host) const {
  return proxy_.tls || services_.find(host) != nullptr ||
         std::any_of(proxy_.listen.begin(), proxy_.listen.end(),
                     [](const ListenAddress& address) { return address.tls.has_value(); });
}

bool PublicUrls::is_https(const std::string& host) const {
  if (!https_) return false;
  // Whoever asks by http is sent there, or finds nobody.
  if (proxy_.https == HttpsMode::redirect || !http_) return true;
  return has_own_certificate(host) || can_be_signed(proxy_, host);
}

bool PublicUrls::needs_local_ca(const std::string& host) const {
  return is_https(host) && !has_own_certificate(host);
}

std::optional<std::uint16_t> PublicUrls::port_of(const std::string& host) const {
  return is_https(host) ? https_ : http_;
}

bool PublicUrls::is_open(const std::string& host) const {
  return port_of(host) == std::uint16_t{0};
}

std::string PublicUrls::origin(const std::string& host) const {
  const bool https = is_https(host);
  const auto port = port_of(host);
  std::string url = fmt::format("{}://{}", https ? "https" : "http", host);
  if (!port || *port == (https ? 443 : 80)) return url;
  return fmt::format("{}:{}", url, shown_port(*port));
}

}  // namespace devproxy
