#include "proxy/http/websocket_key.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace devproxy {
namespace {

template <std::size_t size>
std::string base64(const unsigned char (&bytes)[size]) {
  unsigned char text[4 * ((size + 2) / 3) + 1];
  const int written = EVP_EncodeBlock(text, bytes, static_cast<int>(size));
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(written)};
}

}  // namespace

std::string make_websocket_key() {
  // It guards against caches and accidents, not against attackers (RFC 6455 1.3): should the system
  // have no randomness, zeros do as well.
  unsigned char bytes[16] = {};
  static_cast<void>(RAND_bytes(bytes, sizeof bytes));
  return base64(bytes);
}

std::string websocket_accept(std::string_view key) {
  std::string text(key);
  text.append("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");  // RFC 6455 1.3
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base64(digest);
}

}  // namespace devproxy
