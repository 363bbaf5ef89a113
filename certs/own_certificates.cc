#include "certs/own_certificates.h"

#include "base/log.h"
#include "certs/authority.h"

namespace devproxy {
namespace {

/// Whoever brings a certificate for a name that it does not hold sees a warning in the browser; the
/// log says why.
void warn_if_not_for(const LoadedCertificate& own, const std::string& pattern) {
  std::string host = pattern;
  if (host.rfind("*.", 0) == 0) host.replace(0, 1, "any");
  if (X509_check_host(own.certificate.get(), host.data(), host.size(), 0, nullptr) == 1) return;
  log(LogLevel::warn, "the certificate is not for this host, so clients will refuse it",
      {{"host", pattern}, {"cert", own.files.cert}});
}

}  // namespace

Result<void> OwnCertificates::apply(const std::optional<OwnCertificate>& own, const ByHost& by_host,
                                    const std::vector<OwnCertificate>& of_listeners) {
  Chosen next;
  if (own) {
    const auto loaded = load(*own, next);
    if (!loaded) return tl::unexpected<Error>(loaded.error());
    next.for_all = *loaded;
  }
  for (const auto& [pattern, files] : by_host) {
    const auto loaded = load(files, next);
    if (!loaded) return tl::unexpected<Error>(loaded.error());
    const bool is_suffix = pattern.rfind("*.", 0) == 0;
    auto& names = is_suffix ? next.suffixes : next.hosts;
    names[normal_host(is_suffix ? std::string_view(pattern).substr(2) : pattern)] = *loaded;
    warn_if_not_for(**loaded, pattern);
  }
  for (const OwnCertificate& files : of_listeners)
    if (const auto loaded = load(files, next); !loaded)
      return tl::unexpected<Error>(loaded.error());
  now_ = std::move(next);
  return {};
}

Result<const LoadedCertificate*> OwnCertificates::load(const OwnCertificate& files, Chosen& into) {
  const auto name = std::make_pair(files.cert, files.key);
  if (const auto found = into.files.find(name); found != into.files.end()) return found->second;
  auto loaded = load_own_certificate(files);
  if (!loaded) return tl::unexpected<Error>(loaded.error());
  const LoadedCertificate* own = nullptr;
  for (const auto& kept : kept_)
    if (kept->files == files && kept->text == loaded->text) own = kept.get();
  if (own == nullptr)
    own = kept_.emplace_back(std::make_unique<LoadedCertificate>(std::move(*loaded))).get();
  into.files[name] = own;
  return own;
}

const LoadedCertificate* OwnCertificates::find(const OwnCertificate& files) const {
  const auto found = now_.files.find({files.cert, files.key});
  return found == now_.files.end() ? nullptr : found->second;
}

const LoadedCertificate* OwnCertificates::choose(std::string_view host,
                                                 const LoadedCertificate* of_listener) const {
  if (const auto exact = now_.hosts.find(host); exact != now_.hosts.end()) return exact->second;
  for (std::size_t dot = host.find('.'); dot != std::string_view::npos;
       dot = host.find('.', dot + 1)) {
    const auto below = now_.suffixes.find(host.substr(dot + 1));
    if (below != now_.suffixes.end()) return below->second;
  }
  return of_listener != nullptr ? of_listener : now_.for_all;
}

}  // namespace devproxy
