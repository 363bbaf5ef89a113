// PublicUrls tell under which URL a host is reached: by https where TLS is served and the name can
// have a certificate that clients accept, else by http. Made from a Config, which must outlive it;
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/certificates.h"
#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

/// The port that URLs of a scheme carry: its own (443, 80) if a listener that speaks it has that,
/// else that of the first such listener on loopback, else of the first; none without one. 0: any
/// free one, known when it is bound.
std::optional<std::uint16_t> public_port(const std::vector<BoundAddress>& listeners, bool tls);

class PublicUrls;

/// The URL of a service's own route: its first host that is no pattern, with its path; empty when
/// there is none.
std::string own_url(const Config& config, const PublicUrls& urls, const std::string& service);

class PublicUrls final {
 public:
  /// `listeners`: what is bound, or what the Config asks for.
  PublicUrls(const Config& config, const std::vector<BoundAddress>& listeners);

  /// `host` may be a pattern.
  bool is_https(const std::string& host) const;
  /// Whether clients accept it only once they trust the local CA.
  bool needs_local_ca(const std::string& host) const;
  /// "https://shop.localhost:6289"; the port is dropped when it is the scheme's own.
  std::string origin(const std::string& host) const;
  /// Whether the port of origin() is not known yet.
  bool is_open(const std::string& host) const;

 private:
  bool has_own_certificate(const std::string& host) const;
  std::optional<std::uint16_t> port_of(const std::string& host) const;

  const ProxySettings& proxy_;
  ServiceCertificates services_;
  std::optional<std::uint16_t> https_;
  std::optional<std::uint16_t> http_;
};

}  // namespace devproxy
