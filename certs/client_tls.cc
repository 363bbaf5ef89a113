#include "certs/client_tls.h"

#include <fmt/format.h>

#include <array>
#include <system_error>
#include <utility>

#include "certs/handshake_failure.h"

namespace devproxy {
namespace {

bool configure_client(SSL_CTX& context) {
  SSL_CTX_set_options(
      &context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  return SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1;
}

/// An address is verified as one, and is never sent as a name (RFC 6066 3).
bool expect_host(SSL& session, const std::string& host, bool insecure) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(&session);
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1) return true;
  std::string name = host;
  if (!name.empty() && name.back() == '.') name.pop_back();  // also RFC 6066 3
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_ctrl(&session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) ==
             1 &&
         (insecure || X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) == 1);
}

bool offer_protocols(SSL& session, bool http1_only) {
  constexpr std::array<unsigned char, 12> both{2,   'h', '2', 8,   'h', 't',
                                               't', 'p', '/', '1', '.', '1'};
  const std::size_t skipped = http1_only ? 3 : 0;
  return SSL_set_alpn_protos(&session, both.data() + skipped,
                             static_cast<unsigned>(both.size() - skipped)) == 0;
}

}  // namespace

Result<SslPtr> ClientTls::session(const std::string& host, bool insecure,
                                  const std::string& ca_file, bool http1_only) {
  const auto made = context(insecure, ca_file);
  if (!made) return tl::unexpected<Error>(made.error());
  SslPtr session(SSL_new(*made));
  if (!session || !expect_host(*session, host, insecure) || !offer_protocols(*session, http1_only))
    return fail(Code::internal, Source::ourselves,
                fmt::format("OpenSSL cannot make a session with {}: {}", host, last_error_text()));
  SSL_set_connect_state(session.get());
  return session;
}

Result<SSL_CTX*> ClientTls::context(bool insecure, const std::string& ca_file) {
  Trust key{insecure, ca_file, {}, 0};
  if (!ca_file.empty()) {
    std::error_code missing;  // loading it says so
    key.changed_at = std::filesystem::last_write_time(ca_file, missing);
    key.size = std::filesystem::file_size(ca_file, missing);
  }
  if (const auto found = contexts_.find(key); found != contexts_.end()) return found->second.get();

  std::erase_if(contexts_,
                [insecure, &ca_file](const auto& known) {  // of the file as it was before
                  return known.first.insecure == insecure && known.first.ca_file == ca_file;
                });
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context || !configure_client(*context))
    return fail(Code::internal, Source::ourselves,
                "OpenSSL cannot be used for TLS: " + last_error_text());
  if (!insecure) {
    if (!ca_file.empty() && SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1)
      return fail(Code::invalid, Source::config,
                  fmt::format("ca = \"{}\" cannot be used: {}; it must be a file with the PEM "
                              "certificates of the CAs to trust",
                              ca_file, last_error_text()));
    if (ca_file.empty()) SSL_CTX_set_default_verify_paths(context.get());
    verify_and_remember(*context);
  }
  if (!key_log_) key_log_.emplace();
  key_log_->serve(*context);
  return contexts_.emplace(std::move(key), std::move(context)).first->second.get();
}

}  // namespace devproxy
