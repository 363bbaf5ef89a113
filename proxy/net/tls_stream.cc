#include "proxy/net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "certs/handshake_failure.h"

namespace devproxy {

/// A BIO whose input is the stream's ciphertext and whose output is the inner stream's.
struct TlsStream::Bio {
  static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, std::size_t size, std::size_t* taken) {
    Bytes& in = stream(bio).in_;
    BIO_clear_retry_flags(bio);
    *taken = std::min(size, in.size());
    if (*taken == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(to, in.data(), *taken);
    in.remove_prefix(*taken);
    return 1;
  }

  static int write(BIO* bio, const char* from, std::size_t size, std::size_t* taken) {
    BIO_clear_retry_flags(bio);
    TlsStream& self = stream(bio);
    if (self.direct_ != nullptr) {
      std::memcpy(self.direct_, from, size);
      self.direct_ += size;
    } else {
      self.inner_->out().append(from, size);
    }
    *taken = size;
    return 1;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
      BIO_meth_set_read_ex(fresh, read);
      BIO_meth_set_write_ex(fresh, write);
      BIO_meth_set_ctrl(fresh, control);
      return fresh;
    }();
    return made;
  }
};

TlsStream::TlsStream(Agenda& agenda, Buffers& buffers, std::unique_ptr<Stream> inner, SslPtr ssl,
                     std::string service)
    : agenda_(agenda),
      buffers_(buffers),
      inner_(std::move(inner)),
      ssl_(std::move(ssl)),
      service_(std::move(service)) {
  facts_.session = ssl_.get();
  BIO* bio = BIO_new(Bio::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_read_ahead(ssl_.get(), 1);
  inner_->set_events(this);
}

TlsStream::~TlsStream() {
  if (dirty_) agenda_.forget(*this);
  buffers_.give_back(std::move(out_));
}

// ---- The handshake -----------------------------------------------------------------------------

void TlsStream::handshake(Bytes first, std::function<void(Result<void>)> done) {
  done_ = std::move(done);
  inner_->start_reading();
  take(first);
}

void TlsStream::step() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    state_ = State::open;
    const unsigned char* alpn = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &alpn, &size);
    if (size > 0) facts_.alpn.assign(reinterpret_cast<const char*>(alpn), size);
    if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name))
      facts_.server_name = lower(name);
    owes_ticket_ = SSL_is_server(ssl_.get()) == 1;
    const auto done = std::exchange(done_, nullptr);
    done({});
    // Only now: an owner that reads at once costs no system call.
    if (!reading_) inner_->pause_reading();
    return;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return;
  if (SSL_is_server(ssl_.get()) == 1) {
    fail_handshake(failure());
    return;
  }
  const bool speaks_other_protocols =
      ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL;
  fail_handshake(Error{speaks_other_protocols ? Code::not_implemented : Code::bad_request,
                       Source::upstream, handshake_failure(*ssl_, service_)});
}

Error TlsStream::failure() const {
  return Error{Code::bad_request, Source::system, "TLS: " + last_error_text()};
}

void TlsStream::fail_handshake(const Error& why) {
  state_ = State::broken;
  inner_->pause_reading();
  if (const auto done = std::exchange(done_, nullptr)) done(tl::unexpected<Error>(why));
}

// ---- From the peer -----------------------------------------------------------------------------

/// Everything that there is to read: `ciphertext` is the newest of it.
void TlsStream::take(Bytes ciphertext) {
  const bool kept = !kept_in_.empty();
  if (kept) kept_in_.append(ciphertext);
  in_ = kept ? Bytes(kept_in_) : ciphertext;
  if (state_ == State::handshake) step();
  if (state_ == State::open) pump();
  if (kept) {
    kept_in_.erase(0, kept_in_.size() - in_.size());
  } else if (state_ != State::broken) {
    kept_in_.assign(in_);
  }
  in_ = {};
}

void TlsStream::pump() {
  while (reading_ && !ended_) {
    char* const block = buffers_.plain_block();
    std::size_t filled = 0;
    int result = 1;
    ERR_clear_error();
    while (filled < Buffers::plain_size) {
      std::size_t size = 0;
      result = SSL_read_ex(ssl_.get(), block + filled, Buffers::plain_size - filled, &size);
      if (result != 1) break;
      filled += size;
    }
    // Asked now: what the owner does with the bytes may involve OpenSSL again.
    const int reason = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
    if (filled > 0 && events_ != nullptr) events_->on_bytes(Bytes(block, filled));
    if (reason == SSL_ERROR_NONE) continue;
    if (reason != SSL_ERROR_WANT_READ) stop_reading(reason);
    return;
  }
}

void TlsStream::stop_reading(int reason) {
  if (ended_ || state_ == State::broken) return;
  inner_->pause_reading();
  if (reason == SSL_ERROR_ZERO_RETURN) {
    ended_ = true;
    if (events_ != nullptr) events_->on_end();
    return;
  }
  state_ = State::broken;
  if (events_ != nullptr) events_->on_read_failed(failure());
}

void TlsStream::start_reading() {
  reading_ = true;
  if (state_ != State::open || ended_) return;
  inner_->start_reading();
  // What is here already is told from the end of the turn, as bytes from a socket would be.
  if (!kept_in_.empty() || !in_.empty() || SSL_has_pending(ssl_.get()) == 1) flush_later();
}

void TlsStream::pause_reading() {
  reading_ = false;
  if (state_ != State::handshake) inner_->pause_reading();
}

void TlsStream::on_bytes(Bytes bytes) {
  take(bytes);
}

void TlsStream::on_end() {
  const Error why{Code::closed, Source::system, "it ended without the close_notify of TLS"};
  if (state_ == State::handshake) {
    fail_handshake(Error{Code::closed, Source::system, "it ended within the TLS handshake"});
  } else if (!ended_ && state_ == State::open) {
    // Whoever cuts the connection must not be able to make a message look complete (RFC 9112 9.8).
    state_ = State::broken;
    if (events_ != nullptr) events_->on_read_failed(why);
  }
}

void TlsStream::on_read_failed(const Error& why) {
  if (state_ == State::handshake) {
    fail_handshake(why);
  } else if (!ended_ && state_ == State::open) {
    state_ = State::broken;
    if (events_ != nullptr) events_->on_read_failed(why);
  }
}

// ---- To the peer -------------------------------------------------------------------------------

void TlsStream::flush_later() {
  if (dirty_) return;
  dirty_ = true;
  agenda_.flush_later(*this);
}

std::string& TlsStream::out() {
  if (out_.empty() && out_.capacity() < 32) out_ = buffers_.take();
  flush_later();
  return out_;
}

void TlsStream::write(Bytes bytes) {
  if (bytes.size() < large_piece || state_ != State::open) {
    out().append(bytes);
    return;
  }
  encrypt(out_);
  out_.clear();
  while (!bytes.empty() && state_ == State::open) {
    const Bytes piece = bytes.substr(0, Buffers::cipher_text);
    encrypt_directly(piece);
    bytes.remove_prefix(piece.size());
  }
}

/// Past the inner stream's own buffer, which would have to grow to the size of the piece.
void TlsStream::encrypt_directly(Bytes bytes) {
  char* const block = buffers_.cipher_block();
  direct_ = block;
  encrypt(bytes);
  const auto size = static_cast<std::size_t>(std::exchange(direct_, nullptr) - block);
  if (size > 0) inner_->write(Bytes(block, size));
}

void TlsStream::encrypt(Bytes bytes) {
  if (state_ != State::open || said_goodbye_ || bytes.empty()) return;
  ERR_clear_error();
  // A ticket travels with the first bytes instead of in a packet of its own.
  if (std::exchange(owes_ticket_, false)) SSL_new_session_ticket(ssl_.get());
  while (!bytes.empty()) {
    // A record at a time. The BIO takes all: a failure is OpenSSL's own, after a fatal alert for
    // example.
    std::size_t size = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size) != 1) {
      state_ = State::broken;
      if (events_ != nullptr) events_->on_write_failed(failure());
      return;
    }
    bytes.remove_prefix(size);
  }
}

void TlsStream::flush() {
  dirty_ = false;
  if (state_ == State::handshake) return;
  encrypt(out_);
  buffers_.give_back(std::exchange(out_, std::string()));
  if (says_goodbye_ && !said_goodbye_ && state_ == State::open) {
    said_goodbye_ = true;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  if (std::exchange(half_closes_, false)) inner_->finish_writing();
  if (std::exchange(tells_drained_, false)) inner_->tell_when_drained();
  if (reading_ && state_ == State::open) take({});
}

void TlsStream::finish_writing() {
  says_goodbye_ = true;
  half_closes_ = true;
  flush_later();
}

void TlsStream::tell_when_drained() {
  tells_drained_ = true;
  flush_later();
}

void TlsStream::tell_when_done() {
  says_goodbye_ = true;
  tell_when_drained();
}

void TlsStream::on_full() {
  if (events_ != nullptr) events_->on_full();
}

void TlsStream::on_drained() {
  if (events_ != nullptr) events_->on_drained();
}

void TlsStream::on_write_failed(const Error& why) {
  if (state_ == State::handshake) {
    fail_handshake(why);
  } else if (events_ != nullptr) {
    events_->on_write_failed(why);
  }
}

void TlsStream::reset() {
  events_ = nullptr;
  inner_->reset();
}

}  // namespace devproxy
