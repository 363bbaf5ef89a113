#include "certs/own_certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <utility>

#include "base/files.h"

namespace devproxy {
namespace {

tl::unexpected<Error> unusable(std::string detail) {
  return fail(Code::invalid, Source::config, std::move(detail));
}

Result<void> read_certificates(LoadedCertificate& own) {
  auto text = read_file(own.files.cert);
  if (!text) return tl::unexpected<Error>(text.error());
  auto certificates = certificates_from_pem(*text);
  if (certificates.empty())
    return unusable(
        fmt::format("{} holds no certificate in PEM form ({}); convert it with "
                    "openssl x509 -inform der",
                    own.files.cert, last_error_text()));
  own.text = std::move(*text);
  own.certificate = std::move(certificates.front());
  own.chain.reset(sk_X509_new_null());
  for (std::size_t i = 1; i < certificates.size(); ++i)
    if (sk_X509_push(own.chain.get(), certificates[i].get()) > 0)
      static_cast<void>(certificates[i].release());
  return {};
}

Result<void> read_key(LoadedCertificate& own) {
  auto text = read_file(own.files.key);
  if (!text) return tl::unexpected<Error>(text.error());
  own.key = take_key(std::move(*text));
  if (own.key) return {};
  return unusable(
      fmt::format("{} holds no key in PEM form without a password ({}); take the "
                  "password away with openssl pkey -in {}",
                  own.files.key, last_error_text(), own.files.key));
}

Result<void> check(const LoadedCertificate& own) {
  const OwnCertificate& files = own.files;
  if (EVP_PKEY_eq(X509_get0_pubkey(own.certificate.get()), own.key.get()) != 1) {
    ERR_clear_error();
    return unusable(fmt::format("{} is not the key of {}; give the two that were made together",
                                files.key, files.cert));
  }
  const std::time_t now = std::time(nullptr);
  if (not_after(*own.certificate) <= now)
    return unusable(
        fmt::format("{} expired on {}; renew it, or leave tls away for a certificate "
                    "of the local CA",
                    files.cert, date_text(not_after(*own.certificate))));
  if (not_before(*own.certificate) > now)
    return unusable(fmt::format("{} is valid only from {} on; set this machine's clock", files.cert,
                                date_text(not_before(*own.certificate))));
  // What OpenSSL itself has against it, such as a key that its policy finds too short.
  const SslContextPtr trial(SSL_CTX_new(TLS_server_method()));
  if (!trial || SSL_CTX_use_cert_and_key(trial.get(), own.certificate.get(), own.key.get(),
                                         own.chain.get(), 1) != 1)
    return unusable(
        fmt::format("{} cannot be used: {}; make a new one", files.cert, last_error_text()));
  return {};
}

}  // namespace

Result<LoadedCertificate> load_own_certificate(const OwnCertificate& files) {
  LoadedCertificate own;
  own.files = files;
  for (const auto step : {read_certificates, read_key})
    if (auto done = step(own); !done) return tl::unexpected<Error>(done.error());
  if (auto good = check(own); !good) return tl::unexpected<Error>(good.error());
  return own;
}

bool present(SSL& session, const LoadedCertificate& own) {
  return SSL_use_cert_and_key(&session, own.certificate.get(), own.key.get(), own.chain.get(), 1) ==
         1;
}

}  // namespace devproxy
