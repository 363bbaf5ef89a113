#include "certs/key_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/log.h"

namespace devproxy {
namespace {

/// Where a context keeps the descriptor, since the callback is given nothing else.
int descriptor_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void write_line(const SSL* session, const char* secrets) {
  const void* kept = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), descriptor_index());
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(kept));
  // One write, so that lines of several programs stay whole.
  const std::string line = std::string(secrets) + '\n';
  if (write(fd, line.data(), line.size()) < 0)
    return;  // a full disk is no reason to refuse a client
}

}  // namespace

KeyLog::KeyLog() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody here changes the environment
  const char* path = std::getenv("SSLKEYLOGFILE");
  if (path == nullptr || *path == '\0') return;
  fd_ = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    log(LogLevel::warn, "cannot write the TLS secrets that SSLKEYLOGFILE asks for",
        {{"file", path}, {"error", std::generic_category().message(errno)}});
  } else {
    log(LogLevel::info, "TLS secrets are written, as SSLKEYLOGFILE asks", {{"file", path}});
  }
}

KeyLog::~KeyLog() {
  if (fd_ >= 0) close(fd_);
}

void KeyLog::serve(SSL_CTX& context) const {
  if (fd_ < 0) return;
  // OpenSSL keeps pointers, and a number is all that write_line() needs.
  auto* const number =
      reinterpret_cast<void*>(std::intptr_t{fd_});  // NOLINT(performance-no-int-to-ptr)
  SSL_CTX_set_ex_data(&context, descriptor_index(), number);
  SSL_CTX_set_keylog_callback(&context, write_line);
}

}  // namespace devproxy
