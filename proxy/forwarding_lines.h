// ForwardingLines: the fields that tell a service who asked (X-Forwarded-*, Forwarded), as lines to
// be copied into a request. They are made once for a client and a name, since requests that follow
// each other mostly say the same there. Owned by Context. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/headers.h"

namespace devproxy {

class ForwardingLines final {
 public:
  /// Of a client that may say nothing itself (RFC 7239, product section 5). `client_ip` without
  /// brackets; `authority` is valid, may be empty, and says the port where it has one. Valid until
  /// the next call.
  const Headers& of(std::string_view client_ip, std::string_view scheme,
                    std::uint16_t listener_port, std::string_view authority);

 private:
  struct Entry {
    std::string client_ip;
    std::string scheme;
    std::string authority;
    std::uint16_t listener_port = 0;
    Headers lines;  ///< empty: not made yet
  };

  static constexpr std::size_t kept = 8;
  std::array<Entry, kept> entries_;
};

/// Forwarded's own element (RFC 7239 section 4), behind those of `before`.
void add_forwarded(Headers& headers, std::string_view before, std::string_view client_ip,
                   std::string_view scheme, std::string_view host);

/// For X-Forwarded-Port: the port that `authority` names, else the listener's.
std::string forwarded_port(std::string_view authority, std::uint16_t listener_port);

}  // namespace devproxy
