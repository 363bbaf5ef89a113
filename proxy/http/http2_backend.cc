#include "proxy/http/http2_backend.h"

#include <algorithm>
#include <utility>

#include "proxy/context.h"
#include "proxy/http/http2_backend_stream.h"
#include "proxy/upstream.h"

namespace devproxy {

Http2Backend::Http2Backend(Context& context, Upstream& upstream, std::unique_ptr<Stream> stream)
    : context_(context),
      upstream_(upstream),
      stream_(std::move(stream)),
      session_(Http2Session::Role::client, context.agenda, context.buffers, *stream_, *this) {
  stream_->set_events(this);
  stream_->start_reading();
}

Http2Backend::~Http2Backend() = default;

bool Http2Backend::is_alive() const {
  return !lost_ && !write_failed_ && !session_.is_shutting_down();
}

bool Http2Backend::is_usable(std::uint64_t /*now*/, bool /*repeatable*/) const {
  // A service that closes an idle connection says so first (GOAWAY), and what it did not see may be
  // sent again: age is no risk here, as it is with HTTP/1.
  return is_alive() && streams_.size() < session_.most_streams();
}

/// RFC 9113 6.5.2: no new streams for a short while. Another connection would fare no better.
bool Http2Backend::must_wait() const {
  return is_alive() && session_.most_streams() == 0;
}

Attempt& Http2Backend::attempt() {
  std::unique_ptr<Http2BackendStream> stream;
  if (free_.empty()) {
    stream = std::make_unique<Http2BackendStream>(*this, session_);
  } else {
    stream = std::move(free_.back());
    free_.pop_back();
  }
  clear();
  stream->place = streams_.size();
  streams_.push_back(std::move(stream));
  return *streams_.back();
}

const Http2Fields& Http2Backend::head_of(const Request& request) {
  return writer_.request(request, stream_->tls() != nullptr ? "https" : "http");
}

void Http2Backend::retire(Http2BackendStream& stream) {
  const std::size_t at = stream.place;
  has_carried_ = has_carried_ || stream.has_answered();
  was_busy_ = true;
  websockets_.erase(std::remove(websockets_.begin(), websockets_.end(), &stream),
                    websockets_.end());
  retired_.push_back(std::move(streams_[at]));
  if (at + 1 < streams_.size()) {
    streams_[at] = std::move(streams_.back());
    streams_[at]->place = at;
  }
  streams_.pop_back();
  session_.schedule();
}

void Http2Backend::recycle() {
  constexpr std::size_t kept = 32;
  for (std::unique_ptr<Http2BackendStream>& stream : retired_) {
    if (free_.size() == kept) break;
    stream->recycle();
    free_.push_back(std::move(stream));
  }
  retired_.clear();
}

void Http2Backend::ask_for_websocket(Http2BackendStream& stream) {
  websockets_.push_back(&stream);
  session_.schedule();
}

void Http2Backend::send_websockets() {
  const std::vector<Http2BackendStream*> waiting = std::exchange(websockets_, {});
  for (Http2BackendStream* stream : waiting) stream->send_websocket();
}

// ---- The connection ----------------------------------------------------------------------------

void Http2Backend::on_bytes(Bytes bytes) {
  session_.receive(bytes);
}

void Http2Backend::on_full() {
  session_.on_full();
}

void Http2Backend::on_drained() {
  session_.on_drained();
}

void Http2Backend::on_end() {
  lose(Code::closed, "it closed the connection");
}

void Http2Backend::on_read_failed(const Error& why) {
  lose(Code::reset, "the connection broke (" + why.detail + ")");
}

void Http2Backend::on_write_failed(const Error& /*why*/) {
  // Answers may be on the way all the same: only reading tells.
  write_failed_ = true;
  session_.on_full();
}

void Http2Backend::on_flushed() {
  recycle();
  if (left_) return;
  if (!lost_ && session_.is_over() && (!streams_.empty() || greeted_)) {
    lose(Code::bad_request,
         session_.has_settings()
             ? "its answer breaks a rule of HTTP/2"
             : "it does not speak HTTP/2; if it speaks HTTP/1.1, write its url with http://");
  }
  if (greeted_) {
    if (!session_.has_settings()) return;
    note_greeting();
  }
  if (!lost_ && session_.has_settings() && !websockets_.empty()) send_websockets();
  if (std::exchange(was_waited_for_, must_wait()) && !must_wait()) upstream_.end_wait();
  const bool is_ending = lost_ || session_.is_over() || session_.is_shutting_down();
  if (streams_.empty()) {
    if (is_ending) {
      leave();
      return;
    }
    constexpr std::uint64_t patience = 15;  // one connection for all: worth more than one of HTTP/1
    set(context_.deadlines, patience * context_.limits.idle_upstream);
    if (std::exchange(was_busy_, false)) upstream_.give_back(*this);
  }
}

void Http2Backend::note_greeting() {
  const Greeted greeted = std::exchange(greeted_, nullptr);
  if (is_alive()) {
    greeted({});
  } else {
    greeted(fail(Code::closed, Source::upstream, "it ends new connections with GOAWAY"));
  }
}

void Http2Backend::on_deadline() {
  if (streams_.empty() && !left_) session_.shut_down();
}

void Http2Backend::lose(Code code, const std::string& why) {
  if (std::exchange(lost_, true)) return;
  session_.abandon();
  if (const Greeted greeted = std::exchange(greeted_, nullptr)) {
    const char* when = code == Code::closed ? " without an answer" : "";
    greeted(fail(code, Source::upstream, why + when));
  }
  // Each of them leaves streams_, but for those whose whole answer is here.
  std::vector<Http2BackendStream*> all;
  for (const auto& stream : streams_) all.push_back(stream.get());
  for (Http2BackendStream* stream : all) stream->connection_lost(code, why);
  session_.schedule();
}

void Http2Backend::leave() {
  left_ = true;
  clear();
  stream_->set_events(nullptr);
  stream_->pause_reading();
  upstream_.discard(*this);
}

}  // namespace devproxy
