// Frontend: the client's side of one connection, whatever its protocol. Owned by the
// ClientConnections of its loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "certs/own_certificate.h"
#include "config/config.h"

namespace devproxy {

/// What a listener takes, and the certificate it was given. A reload changes it for connections too
/// that have not said yet what they speak.
struct ListenerPolicy {
  ListenOnly only = ListenOnly::any;
  std::optional<OwnCertificate> certificate;
};

/// What a connection remembers of the listener that accepted it.
struct ListenerFacts {
  std::uint16_t port = 0;
  ListenOnly only = ListenOnly::any;
};

class Frontend {
 public:
  virtual ~Frontend() = default;
  Frontend(const Frontend&) = delete;
  Frontend& operator=(const Frontend&) = delete;

  /// The first bytes, which told the protocol; what follows comes from the stream.
  virtual void begin(Bytes first) = 0;
  /// Ends at once if idle, else with the running exchange.
  virtual void drain() = 0;
  /// Something is under way that a drain should wait for; an open WebSocket is not.
  virtual bool is_busy() const = 0;

  std::size_t place = 0;  ///< among the connections of its loop

 protected:
  Frontend() = default;
};

}  // namespace devproxy
