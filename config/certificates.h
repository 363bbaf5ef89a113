// Which certificate belongs to a name, as far as the configuration tells. Pure questions to a
// Config; any thread.
#pragma once

#include <string_view>
#include <unordered_map>

#include "config/config.h"

namespace devproxy {

/// Whether `host` is `domain` or below it.
bool is_below(std::string_view host, std::string_view domain);
/// Whether `host` is one of the configured domains or below one.
bool is_in_domains(const ProxySettings& proxy, std::string_view host);
/// Whether the local CA may sign for `host`: those, and localhost and test, which it always
/// permits.
bool can_be_signed(const ProxySettings& proxy, std::string_view host);

/// The certificates that services have for the hosts of their own routes. They come before a
/// listener's, and that before [proxy]'s. Lives no longer than its Config.
class ServiceCertificates final {
 public:
  explicit ServiceCertificates(const Config& config);

  /// Of the exact host, else the longest wildcard; null for none. `host` may be a pattern.
  const CertificateFiles* find(std::string_view host) const;

 private:
  std::unordered_map<std::string_view, const CertificateFiles*> by_pattern_;
};

}  // namespace devproxy
