// Stream: bytes both ways between us and one peer, plain or TLS. Writes are collected and leave in
// one system call before the loop waits again, so that peers are woken once for all that an
// iteration brings them. Owned by a connection; one thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

struct ssl_st;

namespace devproxy {

/// Pieces from this size on are sent from where they lie instead of being copied behind others.
inline constexpr std::size_t large_piece = 16 * 1024;

/// What a stream tells its owner. Never called from within one of the stream's own functions,
/// except flush's.
class StreamEvents {
 public:
  virtual void on_bytes(Bytes bytes) = 0;
  virtual void on_end() = 0;      ///< the peer will send no more
  virtual void on_full() = 0;     ///< the peer takes bytes slower than they are written
  virtual void on_drained() = 0;  ///< everything written has left
  virtual void on_write_failed(
      const Error& why) = 0;  ///< nothing can be written any more; reading goes on
  virtual void on_read_failed(const Error& why) = 0;  ///< nothing can be read any more

 protected:
  StreamEvents() = default;
  ~StreamEvents() = default;
};

/// What the handshake of an encrypted stream settled.
struct TlsFacts {
  std::string server_name;          ///< SNI, lower-case; empty: none was sent
  std::string alpn;                 ///< "h2", "http/1.1"; empty: not negotiated
  const ssl_st* session = nullptr;  ///< OpenSSL's; certs/ can tell what it was served with
};

class Stream {
 public:
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  virtual void set_events(StreamEvents* events) = 0;
  virtual void start_reading() = 0;
  virtual void pause_reading() = 0;

  /// Where small writes are appended; they leave before the loop waits again.
  virtual std::string& out() = 0;
  /// Writes what is in out() and `bytes` behind it; large pieces are not copied when the peer takes
  /// them at once.
  virtual void write(Bytes bytes) = 0;
  /// Bytes that were written but have not left, out() included.
  virtual std::size_t queued() const = 0;

  /// Null: plain text. Valid once the first bytes came.
  virtual const TlsFacts* tls() const { return nullptr; }

  /// The peer's address without brackets; empty when it has none (unix sockets).
  virtual std::string peer_ip() const = 0;
  /// The peer's end of a loopback connection belongs to this process's user.
  virtual bool peer_is_own_user() const = 0;

  /// No more will be written: half-closes when everything has left.
  virtual void finish_writing() = 0;
  /// on_drained comes once everything written so far has left (or can never leave), behind this
  /// turn at the earliest.
  virtual void tell_when_drained() = 0;
  /// The same, after the last thing that will be written: what the protocol says at its end (TLS:
  /// close_notify) goes with it.
  virtual void tell_when_done() { tell_when_drained(); }
  /// The peer sees a reset instead of an end, so that what was cut off does not look complete.
  virtual void reset() = 0;

 protected:
  Stream() = default;
};

}  // namespace devproxy
