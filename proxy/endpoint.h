// Endpoint: where a service listens, as a value: what connections are pooled by. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"

namespace devproxy {

struct Endpoint {
  enum class Kind : std::uint8_t { loopback, name, unix_socket };
  Kind kind = Kind::loopback;
  std::string host;  ///< for name: as written in the url; for unix_socket: the path
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;

  /// What a person reads: "127.0.0.1:4001", "api.internal:80", "unix:/run/x".
  std::string text() const;
  /// What the Host field says when a route asks for the service's own.
  std::string authority() const;
};

/// Where a target's requests go; a redirect has no endpoint and must not be asked.
Endpoint endpoint_of(const Target& target);

}  // namespace devproxy
