#include "proxy/arrival.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "proxy/client_connections.h"
#include "proxy/context.h"
#include "proxy/http/http1_frontend.h"
#include "proxy/http/http2_frontend.h"

namespace devproxy {
namespace {

constexpr char tls_handshake_record = 0x16;  // RFC 8446 5.1
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A fatal alert, handshake_failure (RFC 8446 6.2): the connection is not for TLS.
constexpr std::string_view tls_refusal("\x15\x03\x01\x00\x02\x02\x28", 7);

}  // namespace

Arrival::Arrival(Context& context, ClientConnections& owner, std::unique_ptr<Stream> stream,
                 std::uint16_t port, std::shared_ptr<const ListenerPolicy> listener)
    : context_(context),
      owner_(owner),
      stream_(std::move(stream)),
      listener_(std::move(listener)),
      port_(port),
      arrived_(context.agenda.now()) {
  stream_->set_events(this);
  stream_->start_reading();
  allow(context_.limits.idle_client);
}

void Arrival::begin(Bytes first) {
  on_bytes(first);
}

/// Who has just been accepted cannot have known, and would meet an end instead of an answer.
void Arrival::drain() {
  const std::uint64_t age = context_.agenda.now() - arrived_;
  if (is_over_ || age >= context_.limits.late_arrival) {
    close();
    return;
  }
  is_last_ = true;
  allow(context_.limits.late_arrival - age);
}

void Arrival::allow(std::uint64_t ms) {
  set(context_.deadlines, is_last_ ? std::min(ms, context_.limits.late_arrival) : ms);
}

void Arrival::on_bytes(Bytes bytes) {
  if (is_over_) return;
  if (early_.empty() && stream_->tls() == nullptr && bytes.front() == tls_handshake_record) {
    begin_tls(bytes);
    return;
  }
  if (!early_.empty()) {
    early_.append(bytes);
    bytes = early_;
  }
  const std::size_t same = std::min(bytes.size(), http2_preface.size());
  if (bytes.substr(0, same) != http2_preface.substr(0, same)) {
    become<Http1Frontend>(bytes);
  } else if (same == http2_preface.size()) {
    become<Http2Frontend>(bytes);
  } else if (early_.empty()) {
    early_.assign(bytes);
    allow(context_.limits.request_head);
  }
}

void Arrival::begin_tls(Bytes first) {
  const bool is_off = context_.routing->settings.https == HttpsMode::off;
  if (is_off || listener_->only == ListenOnly::plain) {
    refuse_tls();
    return;
  }
  const auto& certificate = listener_->certificate;
  auto session = context_.server_tls.session(certificate ? &*certificate : nullptr);
  if (!session) {
    if (context_.first_sight_of("\n" + session.error().detail))
      log(LogLevel::error, session.error().detail);
    refuse_tls();
    return;
  }
  allow(context_.limits.request_head);
  auto tls = std::make_unique<TlsStream>(context_.agenda, context_.buffers, std::move(stream_),
                                         std::move(*session));
  TlsStream& handshaking = *tls;
  stream_ = std::move(tls);
  handshaking.handshake(first, [this](const Result<void>& result) { on_handshake(result); });
}

void Arrival::on_handshake(const Result<void>& result) {
  if (!result) {
    log(LogLevel::debug, fmt::format("a client gave up TLS: {}", result.error().detail));
    // What OpenSSL had to say, an alert perhaps, still leaves.
    is_over_ = true;
    stream_->set_events(this);
    stream_->tell_when_drained();
    set(context_.deadlines, context_.limits.linger);
    return;
  }
  allow(context_.limits.idle_client);
  stream_->set_events(this);
  stream_->start_reading();
}

void Arrival::refuse_tls() {
  is_over_ = true;
  stream_->pause_reading();
  stream_->out().append(tls_refusal);
  stream_->tell_when_drained();
  set(context_.deadlines, context_.limits.linger);
}

template <class Protocol>
void Arrival::become(Bytes first) {
  is_over_ = true;
  clear();
  auto frontend = std::make_unique<Protocol>(context_, owner_, std::move(stream_),
                                             ListenerFacts{port_, listener_->only});
  Frontend& next = *frontend;
  owner_.replace(*this, std::move(frontend));
  next.begin(first);
}

void Arrival::on_end() {
  close();
}

void Arrival::on_drained() {
  if (is_over_) close();
}

void Arrival::on_write_failed(const Error& /*why*/) {
  close();
}

void Arrival::on_read_failed(const Error& /*why*/) {
  close();
}

void Arrival::on_deadline() {
  close();
}

void Arrival::close() {
  is_over_ = true;
  clear();
  if (stream_ == nullptr) return;
  stream_->set_events(nullptr);
  stream_->pause_reading();
  owner_.remove(*this);
}

}  // namespace devproxy
