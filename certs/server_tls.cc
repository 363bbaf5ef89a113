#include "certs/server_tls.h"

#include <openssl/sha.h>

#include <array>

#include "base/log.h"
#include "certs/authority.h"

namespace devproxy {
namespace {

// AES-128 first: the fastest wherever the processor knows AES. A client without such instructions
// puts ChaCha20 first, and SSL_OP_PRIORITIZE_CHACHA then follows it.
constexpr const char* tls13_ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
// What RFC 9113 9.2.2 leaves of TLS 1.2: ephemeral keys, AEAD.
constexpr const char* tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr const char* groups = "X25519:P-256:P-384";

/// Where a session keeps the LoadedCertificate of its listener.
int listener_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

const LoadedCertificate* of_listener(const SSL& session) {
  return static_cast<const LoadedCertificate*>(SSL_get_ex_data(&session, listener_index()));
}

/// The name that the client asked for, in normal form; empty when there is none that DNS knows.
std::string asked_host(const SSL& session) {
  const char* name = SSL_get_servername(&session, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string() : normal_host(name);
}

/// RFC 7301 3.2: of what the client offers, what we like best; nothing in common ends it.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  const std::string_view offers(reinterpret_cast<const char*>(offered), offered_size);
  for (const std::string_view liked : {"h2", "http/1.1"}) {
    for (std::size_t at = 0; at < offers.size();) {
      const auto size = static_cast<unsigned char>(offers[at]);
      if (offers.substr(at + 1, size) == liked) {
        *chosen = offered + at + 1;
        *chosen_size = size;
        return SSL_TLSEXT_ERR_OK;
      }
      at += 1U + size;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// Without a callback OpenSSL does not tell the client that its name was used (RFC 6066 3).
int acknowledge_name(SSL*, int*, void*) {
  return SSL_TLSEXT_ERR_OK;
}

/// RFC 6066 3: a session of one name is not resumed under another. To OpenSSL, those of another
/// context do not exist.
int bind_to_name(SSL* session, int*, void*) {
  const unsigned char* names = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_server_name, &names, &size) != 1)
    return SSL_CLIENT_HELLO_SUCCESS;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> id;
  SHA256(names, size, id.data());
  return SSL_set_session_id_context(session, id.data(), id.size()) == 1 ? SSL_CLIENT_HELLO_SUCCESS
                                                                        : SSL_CLIENT_HELLO_ERROR;
}

bool configure_server(SSL_CTX& context) {
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                    SSL_OP_IGNORE_UNEXPECTED_EOF);
  // No search for a chain in every handshake: certificates bring theirs.
  SSL_CTX_set_mode(&context, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS |
                                 SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Resumption by tickets alone, which cost no memory here. The keys are the context's own, random
  // and gone with it. Those of TLS 1.3 are asked for by whoever writes first (TlsStream).
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(&context, 0);
  constexpr std::array<unsigned char, 8> name{'d', 'e', 'v', 'p', 'r', 'o', 'x', 'y'};
  SSL_CTX_set_client_hello_cb(&context, bind_to_name, nullptr);
  SSL_CTX_set_alpn_select_cb(&context, choose_protocol, nullptr);
  SSL_CTX_callback_ctrl(&context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                        reinterpret_cast<void (*)()>(acknowledge_name));
  return SSL_CTX_set_session_id_context(&context, name.data(), name.size()) == 1 &&
         SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(&context, tls13_ciphers) == 1 &&
         SSL_CTX_set_cipher_list(&context, tls12_ciphers) == 1 &&
         SSL_CTX_set1_groups_list(&context, groups) == 1;
}

}  // namespace

ServerTls::ServerTls(LeafStore::Clock clock) : leaves_(std::move(clock)) {}

Result<void> ServerTls::apply(ServerTlsSettings settings) {
  auto applied = own_.apply(settings.own, settings.by_host, settings.of_listeners);
  if (!applied) return applied;
  leaves_.use(std::move(settings.state_dir), std::move(settings.domains));
  has_name_ = std::move(settings.has_name);
  last_complaint_.clear();
  return {};
}

Result<SslPtr> ServerTls::session(const OwnCertificate* of_listener) {
  if (!context_) {
    if (auto made = make_context(); !made) return tl::unexpected<Error>(made.error());
  }
  const LoadedCertificate* own = nullptr;
  if (of_listener != nullptr) {
    own = own_.find(*of_listener);
    if (own == nullptr)
      return fail(Code::internal, Source::ourselves,
                  "the listener's certificate " + of_listener->cert + " was never loaded");
  }
  SslPtr session(SSL_new(context_.get()));
  if (!session)
    return fail(Code::internal, Source::ourselves,
                "OpenSSL cannot make a session: " + last_error_text());
  if (own != nullptr)
    SSL_set_ex_data(session.get(), listener_index(), const_cast<LoadedCertificate*>(own));
  SSL_set_accept_state(session.get());
  return session;
}

Result<void> ServerTls::make_context() {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context || !configure_server(*context))
    return fail(Code::internal, Source::ourselves,
                "OpenSSL cannot be used for TLS: " + last_error_text() +
                    "; look into its configuration (openssl version -d tells the folder)");
  // One context serves all names: certificates are set on each session, so a new name costs no
  // context of its own.
  SSL_CTX_set_cert_cb(context.get(), choose_certificate, this);
  if (!key_log_) key_log_.emplace();
  key_log_->serve(*context);
  context_ = std::move(context);
  return {};
}

/// Called when the ClientHello has been read and no session is resumed. 0 ends the handshake with
/// the alert internal_error.
int ServerTls::choose_certificate(SSL* session, void* self) {
  auto& tls = *static_cast<ServerTls*>(self);
  const auto done = tls.present_for(*session, asked_host(*session));
  if (done) return 1;
  if (tls.last_complaint_ != done.error().detail) {
    tls.last_complaint_ = done.error().detail;
    log(LogLevel::error, "a TLS client was turned away: " + done.error().detail);
  }
  return 0;
}

Result<void> ServerTls::present_for(SSL& session, std::string_view host) {
  if (const LoadedCertificate* own = own_.choose(host, of_listener(session))) {
    if (present(session, *own)) return {};
    return fail(Code::internal, Source::ourselves,
                own->files.cert + " cannot be used: " + last_error_text());
  }
  const bool is_ours = !host.empty() && has_name_ && has_name_(host);
  const auto leaf = leaves_.leaf(is_ours ? host : std::string_view());
  if (!leaf) return tl::unexpected<Error>(leaf.error());
  if (SSL_use_cert_and_key(&session, *leaf, leaves_.key(), nullptr, 1) == 1) return {};
  return fail(Code::internal, Source::ourselves,
              "OpenSSL refuses a certificate of the local CA: " + last_error_text());
}

bool ServerTls::same_policy(const SSL& connection, std::string_view host) const {
  if (!own_.depend_on_host()) return true;
  const LoadedCertificate* listener = of_listener(connection);
  return own_.choose(asked_host(connection), listener) == own_.choose(normal_host(host), listener);
}

}  // namespace devproxy
