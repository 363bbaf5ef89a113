#include "certs/trust_handshake.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <ctime>

#include "certs/client_tls.h"
#include "certs/leaf.h"
#include "certs/openssl.h"

namespace devproxy {
namespace {

/// Any name that every CA of ours permits.
constexpr const char* host = "devproxy.localhost";

SslPtr server_session(SSL_CTX& context, const Authority& authority) {
  const auto key = make_key();
  if (!key) return nullptr;
  const auto leaf = make_leaf(authority, **key, names_of_host(host), std::time(nullptr));
  SslPtr session(SSL_new(&context));
  if (!leaf || !session ||
      SSL_use_cert_and_key(session.get(), leaf->get(), key->get(), nullptr, 1) != 1)
    return nullptr;
  SSL_set_accept_state(session.get());
  return session;
}

/// False when neither side can go on.
bool shake_hands(SSL& client, SSL& server) {
  constexpr int rounds = 10;  // TLS 1.3 needs two
  bool client_done = false;
  bool server_done = false;
  for (int round = 0; round < rounds && !(client_done && server_done); ++round) {
    ERR_clear_error();
    const int result = SSL_do_handshake(&client);
    client_done = result == 1;
    if (!client_done && SSL_get_error(&client, result) == SSL_ERROR_SSL) return false;
    server_done = SSL_do_handshake(&server) == 1;
  }
  return client_done && server_done;
}

}  // namespace

std::string refusal_in_handshake(const std::string& bundle, const Authority& authority) {
  ClientTls clients;
  const auto client = clients.session(host, false, bundle, true);
  if (!client) return client.error().detail;
  const SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  const SslPtr server = context ? server_session(*context, authority) : nullptr;
  BIO* ends[2] = {nullptr, nullptr};
  if (!server || BIO_new_bio_pair(&ends[0], 0, &ends[1], 0) != 1)
    return "OpenSSL cannot try it: " + last_error_text();
  SSL_set_bio(client->get(), ends[0], ends[0]);
  SSL_set_bio(server.get(), ends[1], ends[1]);
  if (shake_hands(**client, *server)) return "";
  const long result = SSL_get_verify_result(client->get());
  return result != X509_V_OK ? X509_verify_cert_error_string(result)
                             : "the handshake fails: " + last_error_text();
}

}  // namespace devproxy
