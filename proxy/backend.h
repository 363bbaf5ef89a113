// Backend: one connection to a service, whatever its protocol: a plain exchange at a time on it, or
// many streams. Owned by its Upstream, which it tells when it is warm and free (give_back) or of no
// more use (discard). One thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "proxy/attempt.h"

namespace devproxy {

class Backend {
 public:
  virtual ~Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  /// It carries several exchanges at once: requests share it instead of taking it from the pool.
  virtual bool is_shared() const = 0;
  /// Whether one more request may be sent on it: it is young enough, and used lately enough for one
  /// that cannot be repeated; a shared one has a stream to spare.
  virtual bool is_usable(std::uint64_t now, bool repeatable) const = 0;
  /// A shared one whose service allows no request for the moment: it tells its Upstream when it is
  /// so no more (end_wait).
  virtual bool must_wait() const = 0;
  /// What the next request is sent through. Of a new connection, or while is_usable().
  virtual Attempt& attempt() = 0;

  std::size_t place = 0;         ///< among the busy ones of its Upstream
  std::uint32_t generation = 0;  ///< how often its service had moved when it was dialled

 protected:
  Backend() = default;
};

}  // namespace devproxy
