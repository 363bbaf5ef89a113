// The KeyLog writes the secrets of TLS sessions to the file that SSLKEYLOGFILE names, so that
// Wireshark can read what a developer is looking for. Owned by whoever owns the contexts that write
// to it, and outlives them. One thread.
#pragma once

#include "certs/openssl.h"

namespace devproxy {

class KeyLog final {
 public:
  /// Opens the file when the environment asks for one: appended to, made with 0600. A failure is
  /// logged, and nothing is written.
  KeyLog();
  ~KeyLog();
  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;

  void serve(SSL_CTX& context) const;

 private:
  int fd_ = -1;
};

}  // namespace devproxy
