// Two TLS sessions that speak to each other through memory, and what each of them saw.
#pragma once

#include <openssl/err.h>

#include <string>
#include <string_view>
#include <utility>

#include "certs/openssl.h"
#include "tests/support/wait.h"

namespace devproxy {

class TlsPair final {
 public:
  TlsPair(SslPtr server, SslPtr client) : server_(std::move(server)), client_(std::move(client)) {
    BIO* to_server = nullptr;
    BIO* to_client = nullptr;
    if (BIO_new_bio_pair(&to_server, 0, &to_client, 0) != 1) give_up("no BIO pair");
    SSL_set_bio(server_.get(), to_server, to_server);
    SSL_set_bio(client_.get(), to_client, to_client);
  }

  SSL& server() { return *server_; }
  SSL& client() { return *client_; }

  /// Whether both sides are content. Else client_error and server_error hold a reason each, as far
  /// as there is one.
  bool handshake() {
    bool server_done = false;
    bool client_done = false;
    for (int round = 0; round < 20 && !(server_done && client_done); ++round) {
      client_done = client_done || step(*client_, client_error);
      server_done = server_done || step(*server_, server_error);
    }
    return server_done && client_done && client_error.empty() && server_error.empty();
  }

  /// A byte from server to client and the ticket before it; false when the client got none.
  bool exchange_byte() {
    char byte = '!';
    SSL_new_session_ticket(server_.get());
    if (SSL_write(server_.get(), &byte, 1) != 1) return false;
    return SSL_read(client_.get(), &byte, 1) == 1;
  }

  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client_.get(), &name, &size);
    return std::string(name, name + size);
  }
  /// Of the certificate that the client was given; "" when none.
  std::string names() const {
    const X509* peer = SSL_get0_peer_certificate(client_.get());
    return peer == nullptr ? std::string() : common_name(*peer);
  }

  std::string client_error;
  std::string server_error;

 private:
  static bool step(SSL& side, std::string& error) {
    if (!error.empty()) return false;
    ERR_clear_error();
    const int done = SSL_do_handshake(&side);
    if (done == 1) return true;
    const int why = SSL_get_error(&side, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) error = last_error_text();
    return false;
  }

  SslPtr server_;
  SslPtr client_;
};

/// A client of the tests' own; `alpn` in wire form.
struct Asks {
  std::string sni = {};
  std::string alpn = {};
  int version = 0;  ///< this one alone; 0: any
  SSL_SESSION* resume = nullptr;
  const char* ciphers = nullptr;
};

inline SslContextPtr client_context(const X509* trusted = nullptr) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  if (trusted != nullptr) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), const_cast<X509*>(trusted));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

inline SslPtr client_session(SSL_CTX& context, const Asks& asks) {
  SslPtr session(SSL_new(&context));
  if (!asks.sni.empty()) {
    std::string name = asks.sni;
    SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  if (!asks.alpn.empty())
    SSL_set_alpn_protos(session.get(), reinterpret_cast<const unsigned char*>(asks.alpn.data()),
                        static_cast<unsigned>(asks.alpn.size()));
  if (asks.version != 0) {
    SSL_set_min_proto_version(session.get(), asks.version);
    SSL_set_max_proto_version(session.get(), asks.version);
  }
  if (asks.ciphers != nullptr) SSL_set_cipher_list(session.get(), asks.ciphers);
  if (asks.resume != nullptr) SSL_set_session(session.get(), asks.resume);
  SSL_set_connect_state(session.get());
  return session;
}

}  // namespace devproxy
