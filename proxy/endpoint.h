// Endpoint: where a service listens and how it is spoken to, as a value: what connections are
// pooled by. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"

namespace devproxy {

struct Endpoint {
  enum class Kind : std::uint8_t {
    loopback,
    name,
    unix_socket,
    followed  ///< nowhere until it is found; then it is a loopback one
  };
  Kind kind = Kind::loopback;
  std::string host;  ///< for name: as written in the url; for unix_socket: the path; for followed:
                     ///< the whole rule
  std::uint16_t port = 0;
  UrlScheme scheme = UrlScheme::http;
  bool insecure = false;  ///< https: its certificate is not verified
  std::string ca;         ///< https: path of the CA bundle; empty: the system's
  std::string whom;       ///< for followed: the rule as people read it

  bool operator==(const Endpoint&) const = default;

  /// A port of this machine, or a url of localhost or a name below it: both loopback addresses,
  /// which no DNS is asked for (RFC 6761 6.3).
  bool dials_both_loopbacks() const;
  /// What a person reads: "127.0.0.1:4001", "https://api.internal:443", "unix:/run/x",
  /// "nowhere (follow dir = "admin")".
  std::string text() const;
  /// The same for endpoints that are equal, and only for them.
  std::string key() const;
  /// What the Host field says when a route asks for the service's own.
  std::string authority() const;
};

/// Where a target's requests go; a redirect has no endpoint and must not be asked.
Endpoint endpoint_of(const Target& target);

}  // namespace devproxy
