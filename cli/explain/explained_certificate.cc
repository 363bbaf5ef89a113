#include "cli/explain/explained_certificate.h"

#include <fmt/format.h>

#include "base/text.h"
#include "certs/leaf.h"
#include "cli/project/url_table.h"
#include "config/certificates.h"

namespace devproxy {
namespace {

const CertificateFiles* own_files(const Config& config, const std::string& host,
                                  const ListenAddress* listener) {
  const ServiceCertificates services(config);
  if (const CertificateFiles* const files = services.find(host)) return files;
  if (listener != nullptr && listener->tls) return &*listener->tls;
  return config.proxy.tls ? &*config.proxy.tls : nullptr;
}

}  // namespace

ExplainedCertificate explain_certificate(const Config& config, const std::string& host,
                                         const ListenAddress* listener, bool has_route) {
  ExplainedCertificate certificate;
  if (const CertificateFiles* const files = own_files(config, host, listener)) {
    certificate.from = CertificateFrom::own;
    certificate.file = files->cert;
    certificate.at = files->at;
    return certificate;
  }
  if (has_route && can_be_signed(config.proxy, host)) {
    certificate.from = CertificateFrom::local_ca;
    certificate.names = names_of_host(host).hosts;
    return certificate;
  }
  certificate.from = CertificateFrom::loopback;
  certificate.names = {"127.0.0.1", "::1", "localhost"};
  certificate.fits = host == "127.0.0.1" || host == "::1" || host == "localhost";
  if (certificate.fits) return certificate;
  certificate.why =
      has_route ? fmt::format(
                      "{} lies outside domains ({}): add it there and make the CA anew "
                      "(docs/https.md), give its service tls = {{ cert, key }}, or use http://",
                      host, fmt::join(config.proxy.domains, ", "))
                : fmt::format("no route names {}", host);
  return certificate;
}

std::string certificate_text(const ExplainedCertificate& certificate) {
  switch (certificate.from) {
    case CertificateFrom::none:
      return "none";
    case CertificateFrom::own:
      return certificate.at.line == 0
                 ? escape_own(certificate.file)
                 : fmt::format("{}  ({}:{})", escape_own(certificate.file),
                               escape_own(certificate.at.file), certificate.at.line);
    case CertificateFrom::local_ca:
      return fmt::format("by the local CA, for {}", fmt::join(certificate.names, " and "));
    case CertificateFrom::loopback:
      return fmt::format("by the local CA, for {} only{}{}", fmt::join(certificate.names, ", "),
                         certificate.why.empty() ? "" : ": ", escape(certificate.why));
  }
  return "";
}

}  // namespace devproxy
