// TlsStream: an encrypted Stream around another one. OpenSSL reads the ciphertext where it lies in
// the read buffer and writes into the inner stream's output, so nothing is copied twice; what is
// written in a turn is encrypted at its end. Owned by a connection; may be destroyed at any time
// except inside its own callbacks (bury it). One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/agenda.h"
#include "certs/openssl.h"
#include "proxy/net/buffers.h"
#include "proxy/net/stream.h"

namespace devproxy {

class TlsStream final : public Stream, private StreamEvents, private Flushable {
 public:
  // OpenSSL's door to the inner stream.
  struct Bio;

  /// Client or server, as `ssl` was prepared by certs/.
  /// `service`: the name of a service, for what is said when its certificate will not do.
  TlsStream(Agenda& agenda, Buffers& buffers, std::unique_ptr<Stream> inner, SslPtr ssl,
            std::string service = {});
  ~TlsStream() override;

  /// `done` is called once, perhaps before this returns; on success reading is paused until
  /// start_reading(). Errors: bad_request (the peer broke or refused the handshake),
  /// not_implemented (it speaks none of the protocols that were offered), closed, reset; their
  /// detail names the cause. `first`: ciphertext that was read before.
  void handshake(Bytes first, std::function<void(Result<void>)> done);

  void set_events(StreamEvents* events) override { events_ = events; }
  void start_reading() override;
  void pause_reading() override;
  std::string& out() override;
  void write(Bytes bytes) override;
  std::size_t queued() const override { return out_.size() + inner_->queued(); }
  const TlsFacts* tls() const override { return &facts_; }
  std::string peer_ip() const override { return inner_->peer_ip(); }
  bool peer_is_own_user() const override { return inner_->peer_is_own_user(); }
  void finish_writing() override;
  void tell_when_drained() override;
  void tell_when_done() override;
  void reset() override;

 private:
  enum class State : std::uint8_t { handshake, open, broken };

  // StreamEvents, of the inner stream
  void on_bytes(Bytes bytes) override;
  void on_end() override;
  void on_full() override;
  void on_drained() override;
  void on_write_failed(const Error& why) override;
  void on_read_failed(const Error& why) override;
  // Flushable
  void flush() override;

  void take(Bytes ciphertext);
  void step();
  void pump();
  void stop_reading(int reason);
  void fail_handshake(const Error& why);
  Error failure() const;
  void encrypt(Bytes bytes);
  void encrypt_directly(Bytes bytes);
  void flush_later();

  Agenda& agenda_;
  Buffers& buffers_;
  std::unique_ptr<Stream> inner_;
  SslPtr ssl_;
  std::string service_;
  StreamEvents* events_ = nullptr;
  std::function<void(Result<void>)> done_;
  TlsFacts facts_;
  Bytes in_;                ///< ciphertext not yet taken by OpenSSL; valid during a callback only
  std::string kept_in_;     ///< what of it was left when reading was paused
  std::string out_;         ///< plain text of this turn
  char* direct_ = nullptr;  ///< where ciphertext goes instead of the inner stream's output
  State state_ = State::handshake;
  bool reading_ = false;
  bool dirty_ = false;
  bool owes_ticket_ = false;    ///< the client has not got a TLS 1.3 ticket yet
  bool said_goodbye_ = false;   ///< close_notify was sent
  bool says_goodbye_ = false;   ///< close_notify follows what is written
  bool half_closes_ = false;    ///< and then the inner stream's own end
  bool tells_drained_ = false;  ///< the owner waits for on_drained
  bool ended_ = false;          ///< the peer's close_notify was told
};

}  // namespace devproxy
