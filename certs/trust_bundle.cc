#include "certs/trust_bundle.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/files.h"
#include "certs/authority.h"
#include "certs/openssl.h"
#include "certs/trust_handshake.h"

namespace devproxy {
namespace {

// The order is Go's (crypto/x509/root_linux.go), with the extracted file of Fedora first: newer
// releases have dropped the links to it.
constexpr std::array<std::string_view, 7> places{
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch, NixOS
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older Fedora
    "/var/lib/ca-certificates/ca-bundle.pem",             // openSUSE
    "/etc/ssl/ca-bundle.pem",                             // older openSUSE
    "/etc/ca-certificates/extracted/tls-ca-bundle.pem",   // Arch
    "/etc/ssl/cert.pem",                                  // macOS, Alpine
};

using StorePtr = std::unique_ptr<X509_STORE, OpenSslDelete<X509_STORE_free>>;
using VerificationPtr = std::unique_ptr<X509_STORE_CTX, OpenSslDelete<X509_STORE_CTX_free>>;

}  // namespace

std::optional<std::string> system_bundle(const std::string& root) {
  for (const std::string_view place : places) {
    std::string path = root + std::string(place);
    std::error_code failed;
    if (std::filesystem::is_regular_file(path, failed)) return path;
  }
  return std::nullopt;
}

std::string refusal_by_bundle(const std::string& bundle, const Anchor& anchor) {
  const Result<std::string> text = read_file(bundle);
  if (!text) return text.error().detail;
  if (!holds(*text, anchor)) return "not in it";
  const Result<std::string> pem = read_file(anchor.path);
  if (!pem) return pem.error().detail;
  const std::vector<X509Ptr> certificates = certificates_from_pem(*pem);
  const StorePtr store(::X509_STORE_new());
  const VerificationPtr verification(::X509_STORE_CTX_new());
  if (certificates.empty() || !store || !verification ||
      ::X509_STORE_load_file(store.get(), bundle.c_str()) != 1 ||
      ::X509_STORE_CTX_init(verification.get(), store.get(), certificates.front().get(), nullptr) !=
          1)
    return "OpenSSL cannot read it: " + last_error_text();
  if (::X509_verify_cert(verification.get()) != 1)
    return ::X509_verify_cert_error_string(::X509_STORE_CTX_get_error(verification.get()));
  // Of a CA that was replaced only the certificate is left: nobody can be served with it any more.
  const auto authority = Authority::load(std::filesystem::path(anchor.path).parent_path().string());
  if (!authority || authority->fingerprint() != anchor.sha256) return "";
  return refusal_in_handshake(bundle, *authority);
}

Result<std::string> combined_bundle(const std::string& state, const Anchor& anchor,
                                    const std::string& root) {
  const std::optional<std::string> system = system_bundle(root);
  if (!system) {
    return fail(Code::missing, Source::system,
                "this system has no bundle of CAs; install the package ca-certificates");
  }
  Result<std::string> text = read_file(*system);
  if (!text) return text;
  if (!holds(*text, anchor)) {
    Result<std::string> ours = read_file(anchor.path);
    if (!ours) return ours;
    if (!text->empty() && text->back() != '\n') *text += '\n';
    *text += *ours;
  }
  const std::string path = state + "/ca-bundle.pem";
  if (const Result<std::string> old = read_file(path); old && *old == *text) return path;
  if (const auto written = write_atomically(path, *text, 0644); !written)
    return tl::unexpected(written.error());
  return path;
}

}  // namespace devproxy
