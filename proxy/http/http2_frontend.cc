#include "proxy/http/http2_frontend.h"

#include <algorithm>
#include <utility>

#include "proxy/client_connections.h"
#include "proxy/context.h"
#include "proxy/http/http2_frontend_stream.h"

namespace devproxy {

Http2Frontend::Http2Frontend(Context& context, ClientConnections& owner,
                             std::unique_ptr<Stream> stream, ListenerFacts listener)
    : context_(context),
      owner_(owner),
      stream_(std::move(stream)),
      session_(Http2Session::Role::server, context.agenda, context.buffers, *stream_, *this),
      listener_(listener) {
  stream_->set_events(this);
  stream_->start_reading();
  set_limit();
}

Http2Frontend::~Http2Frontend() = default;

void Http2Frontend::begin(Bytes first) {
  on_bytes(first);
}

std::string_view Http2Frontend::ip() {
  if (ip_.empty()) ip_ = stream_->peer_ip();
  return ip_;
}

// ---- The connection ----------------------------------------------------------------------------

void Http2Frontend::on_bytes(Bytes bytes) {
  if (state_ == State::linger) {
    lingered_ += bytes.size();
    if (lingered_ > context_.limits.linger_bytes) close();
    return;
  }
  if (state_ != State::closed) session_.receive(bytes);
}

void Http2Frontend::on_end() {
  lose_streams(Error{Code::closed, Source::client, "the client closed the connection"});
  close();
}

void Http2Frontend::on_read_failed(const Error& why) {
  lose_streams(
      Error{Code::reset, Source::client, "the client's connection broke (" + why.detail + ")"});
  close();
}

void Http2Frontend::on_write_failed(const Error& why) {
  on_read_failed(why);
}

void Http2Frontend::on_full() {
  session_.on_full();
}

void Http2Frontend::on_drained() {
  session_.on_drained();
}

void Http2Frontend::on_flushed() {
  recycle();
  if (state_ == State::linger || state_ == State::closed) return;
  const bool is_last = state_ == State::notice || session_.is_shutting_down();
  if (streams_.empty() && is_last && !session_.is_terminated()) say_last();
  if (session_.is_over()) {
    lose_streams(Error{Code::bad_request, Source::client, "the client broke a rule of HTTP/2"});
    recycle();
    linger();
    return;
  }
  set_limit();
  if (context_.draining && owner_.on_change) owner_.on_change();
}

/// One limit at a time, set when its reason begins: for a head that does not come to its end, for a
/// connection without streams, and for a client that does not even read why it is sent away.
void Http2Frontend::set_limit() {
  if (state_ != State::open) return;
  Limit limit = streams_.empty() ? Limit::idle : Limit::none;
  if (session_.is_within_head()) limit = Limit::head;
  if (session_.is_terminated()) limit = Limit::farewell;
  if (limit == Limit::none) clear();
  if (limit == Limit::idle) set(context_.deadlines, context_.limits.idle_client);
  if (limit == Limit::head && limit_ != Limit::head)
    set(context_.deadlines, context_.limits.request_head);
  if (limit == Limit::farewell && limit_ != Limit::farewell)
    set(context_.deadlines, context_.limits.linger);
  limit_ = limit;
}

void Http2Frontend::on_deadline() {
  switch (state_) {
    case State::open:
      if (limit_ == Limit::farewell) {
        lose_streams(Error{Code::closed, Source::client, "the client reads no answers"});
        close();
      } else if (limit_ == Limit::head) {
        session_.terminate(Http2Code::enhance_your_calm);
      } else {
        session_.shut_down();
      }
      return;
    case State::notice:
      say_last();
      return;
    case State::last:
      // Nothing is left but what the client does not read.
      if (streams_.empty()) {
        close();
      } else {
        set(context_.deadlines, context_.limits.linger);
      }
      return;
    case State::linger:
      // A slow reader still gets its answers, as long as an idle one would be kept.
      if (stream_->queued() > 0 &&
          ++slow_seconds_ < context_.limits.idle_client / context_.limits.linger) {
        set(context_.deadlines, context_.limits.linger);
        return;
      }
      close();
      return;
    case State::closed:
      return;
  }
}

// ---- Streams -----------------------------------------------------------------------------------

Http2Stream* Http2Frontend::on_stream() {
  std::unique_ptr<Http2FrontendStream> stream;
  if (free_.empty()) {
    stream = std::make_unique<Http2FrontendStream>(*this, session_);
  } else {
    stream = std::move(free_.back());
    free_.pop_back();
  }
  stream->begin();
  stream->place = streams_.size();
  streams_.push_back(std::move(stream));
  return streams_.back().get();
}

void Http2Frontend::retire(Http2FrontendStream& stream) {
  const std::size_t at = stream.place;
  retired_.push_back(std::move(streams_[at]));
  if (at + 1 < streams_.size()) {
    streams_[at] = std::move(streams_.back());
    streams_[at]->place = at;
  }
  streams_.pop_back();
}

void Http2Frontend::recycle() {
  constexpr std::size_t kept = 32;
  for (std::unique_ptr<Http2FrontendStream>& stream : retired_) {
    if (free_.size() == kept) break;
    stream->recycle();
    free_.push_back(std::move(stream));
  }
  retired_.clear();
}

void Http2Frontend::lose_streams(const Error& why) {
  for (const auto& stream : streams_) stream->connection_lost(why);
}

// ---- The end -----------------------------------------------------------------------------------

bool Http2Frontend::is_busy() const {
  if (state_ == State::linger || state_ == State::closed) return false;
  if (!streams_.empty() && (session_.has_output() || stream_->queued() > 0)) return true;
  return std::any_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->is_busy(); });
}

void Http2Frontend::drain() {
  if (state_ != State::open) return;
  if (streams_.empty()) {
    say_last();
    return;
  }
  // RFC 9113 6.8: requests that are on their way already are still served.
  state_ = State::notice;
  session_.shut_down_soon();
  set(context_.deadlines, context_.limits.linger);
}

void Http2Frontend::on_notice_seen() {
  if (state_ == State::notice) say_last();
}

void Http2Frontend::say_last() {
  if (state_ == State::last) return;
  state_ = State::last;
  session_.shut_down();
  set(context_.deadlines, context_.limits.linger);
}

/// Writing ends, reading goes on for a moment, so that what was said last is not lost to a reset.
void Http2Frontend::linger() {
  state_ = State::linger;
  stream_->finish_writing();
  set(context_.deadlines, context_.limits.linger);
}

void Http2Frontend::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  clear();
  stream_->set_events(nullptr);
  stream_->pause_reading();
  owner_.remove(*this);
}

}  // namespace devproxy
