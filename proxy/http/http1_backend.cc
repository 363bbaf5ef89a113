#include "proxy/http/http1_backend.h"

#include <algorithm>
#include <string>
#include <utility>

#include "proxy/context.h"
#include "proxy/http/http1_writer.h"
#include "proxy/http/websocket_key.h"
#include "proxy/upstream.h"

namespace devproxy {
namespace {

/// RFC 6455 4.1: the key of an HTTP/2 client's WebSocket is ours, so that nobody else looks at the
/// answer to it.
bool answers_key(const Request& request, const Response& response) {
  if (!response.upgraded || request.protocol != "HTTP/2.0") return true;
  const Field* key = request.headers.find("sec-websocket-key");
  const Field* accept = response.headers.find("sec-websocket-accept");
  return key != nullptr && accept != nullptr &&
         response.headers.value(*accept) == websocket_accept(request.headers.value(*key));
}

}  // namespace

Http1Backend::Http1Backend(Context& context, Upstream& upstream, std::unique_ptr<Stream> stream)
    : context_(context),
      upstream_(upstream),
      stream_(std::move(stream)),
      last_used_(context.agenda.now()) {
  stream_->set_events(this);
  stream_->start_reading();
  usable_until_ = last_used_ + context_.limits.idle_upstream;
}

bool Http1Backend::is_usable(std::uint64_t now, bool repeatable) const {
  return now < usable_until_ && (repeatable || now < last_used_ + context_.limits.fresh_upstream);
}

void Http1Backend::start(const Request& request, MessageSource& body, Response& response,
                         ResponseSink& sink) {
  clear();
  ++exchanges_;
  answered_ = false;
  request_ = &request;
  response_ = &response;
  sink_ = &sink;
  response_->clear();
  reader_.reset();
  state_ = State::head;
  const BodyFraming framing = write_request_head(stream_->out(), request);
  body_writer_.start(framing, request.body.bytes);
  body_ = framing == BodyFraming::none ? nullptr : &body;
}

void Http1Backend::request_data(Bytes bytes) {
  if (write_failed_) return;
  constexpr std::size_t copied = 16 * 1024;
  if (bytes.size() < copied) {
    body_writer_.write(stream_->out(), bytes);
    return;
  }
  bytes = body_writer_.clip(bytes);
  body_writer_.open_chunk(stream_->out(), bytes.size());
  stream_->write(bytes);
  body_writer_.close_chunk(stream_->out());
}

void Http1Backend::request_end(const Headers* trailers) {
  body_ = nullptr;
  if (state_ == State::tunnel) {
    stream_->finish_writing();
    if (response_ended_) leave();
    return;
  }
  if (!write_failed_ && !body_writer_.end(stream_->out(), trailers)) write_failed_ = true;
}

void Http1Backend::request_failed(const Error& /*why*/) {
  cancel();
}

void Http1Backend::pause() {
  paused_ = true;
  stream_->pause_reading();
}

void Http1Backend::resume() {
  paused_ = false;
  stream_->start_reading();
}

void Http1Backend::cancel() {
  if (state_ == State::over) return;
  leave();
}

/// Nobody is told anything any more; the connection is closed at the end of the turn.
void Http1Backend::leave() {
  state_ = State::over;
  sink_ = nullptr;
  body_ = nullptr;
  stream_->set_events(nullptr);
  stream_->pause_reading();
  upstream_.discard(*this);
}

void Http1Backend::on_bytes(Bytes bytes) {
  if (state_ == State::idle) {
    // Nobody asked: a 408 or a stray answer. It must not become somebody's response.
    leave();
    return;
  }
  answered_ = true;
  while (state_ != State::over && state_ != State::idle) {
    if (state_ == State::head && !take_head(bytes)) return;
    if (state_ == State::body && !take_body(bytes)) return;
    if (state_ == State::tunnel) {
      if (!bytes.empty()) sink_->response_data(bytes);
      return;
    }
  }
}

/// True: the head is complete and dealt with, go on. False: wait for more, or it is over.
bool Http1Backend::take_head(Bytes& bytes) {
  std::size_t used = 0;
  switch (reader_.read(bytes, response_->headers, used)) {
    case HeadReader::Progress::more:
      return false;
    case HeadReader::Progress::refused:
      break_off(Code::bad_request,
                std::string("its answer is not HTTP/1.1: ") + reader_.fault().why);
      return false;
    case HeadReader::Progress::done:
      break;
  }
  bytes.remove_prefix(used);
  const HeadFault fault = read_response_head(reader_.start_line(), request_->method_text(),
                                             request_->websocket, *response_);
  if (fault) {
    break_off(Code::bad_request, std::string("its answer is not HTTP/1.1: ") + fault.why);
    return false;
  }
  if (!answers_key(*request_, *response_)) {
    break_off(Code::bad_request, "its 101 does not answer the Sec-WebSocket-Key");
    return false;
  }
  if (const char* why = context_.opinion.disagrees(
          std::string_view(response_->headers.block()).substr(0, reader_.size()), *response_)) {
    break_off(Code::bad_request, std::string("its answer is not HTTP/1.1: ") + why);
    return false;
  }
  reader_.reset();
  if (response_->status < 200 && response_->status != 101) {
    sink_->inform(*response_);
    if (state_ == State::head) response_->clear();
    return state_ == State::head && !bytes.empty();
  }
  if (response_->upgraded) {
    state_ = State::tunnel;
    body_writer_.start(BodyFraming::raw);
    sink_->response_head(*response_, *this);
    return state_ == State::tunnel;
  }
  // A refused upgrade: what the client sent behind its head was never meant as a request.
  if (request_->websocket) response_->keep_alive = false;
  state_ = State::body;
  switch (response_->body.kind) {
    case BodyLength::Kind::none:
      body_reader_.start(BodyFraming::none);
      break;
    case BodyLength::Kind::known:
      body_reader_.start(BodyFraming::counted, response_->body.bytes);
      break;
    case BodyLength::Kind::unknown: {
      const bool chunked = response_->has_own_end;
      body_reader_.start(chunked ? BodyFraming::chunked : BodyFraming::until_close);
      break;
    }
  }
  sink_->response_head(*response_, *this);
  return state_ == State::body;
}

bool Http1Backend::take_body(Bytes& bytes) {
  while (true) {
    Bytes piece;
    switch (body_reader_.next(bytes, piece)) {
      case BodyReader::Event::more:
        return false;
      case BodyReader::Event::data:
        sink_->response_data(piece);
        if (state_ != State::body) return false;
        break;
      case BodyReader::Event::refused:
        break_off(Code::bad_request,
                  std::string("the body of its answer is malformed: ") + body_reader_.why());
        return false;
      case BodyReader::Event::end:
        finish(response_->keep_alive && bytes.empty(), body_reader_.trailers());
        return false;
    }
  }
}

void Http1Backend::finish(bool reusable, const Headers* trailers) {
  ResponseSink* sink = std::exchange(sink_, nullptr);
  const bool request_ended = body_ == nullptr || request_->body.is_none();
  if (reusable && request_ended && !write_failed_) {
    state_ = State::idle;
    const std::uint64_t now = context_.agenda.now();
    std::uint64_t idle_limit = context_.limits.idle_upstream;
    if (response_->keep_alive_seconds > 0) {
      idle_limit =
          std::min<std::uint64_t>(idle_limit, (response_->keep_alive_seconds - 1) * 1000ULL);
    }
    last_used_ = now;
    usable_until_ = now + idle_limit;
    request_ = nullptr;
    response_ = nullptr;
    body_ = nullptr;
    // A connection that is not read would look alive for ever.
    if (paused_) resume();
    set(context_.deadlines, idle_limit);
    upstream_.give_back(*this);
  } else {
    leave();
  }
  sink->response_end(trailers);
}

void Http1Backend::break_off(Code code, std::string why) {
  ResponseSink* sink = std::exchange(sink_, nullptr);
  leave();
  if (sink != nullptr) sink->response_failed(Error{code, Source::upstream, std::move(why)});
}

void Http1Backend::on_end() {
  switch (state_) {
    case State::idle:
      leave();
      return;
    case State::head:
      break_off(Code::closed, answered_ ? "it closed the connection within the head of its answer"
                                        : "it closed the connection without an answer");
      return;
    case State::body:
      if (body_reader_.ends_with_input()) {
        finish(false, nullptr);
      } else {
        break_off(Code::closed, "it closed the connection within the body of its answer");
      }
      return;
    case State::tunnel: {
      response_ended_ = true;
      ResponseSink* sink = sink_;
      if (body_ == nullptr) leave();
      sink->response_end(nullptr);
      return;
    }
    case State::over:
      return;
  }
}

void Http1Backend::on_read_failed(const Error& why) {
  if (state_ == State::idle) {
    leave();
    return;
  }
  break_off(Code::reset, "the connection broke (" + why.detail + ")");
}

void Http1Backend::on_write_failed(const Error& why) {
  // Its response may be on the way all the same (a 413 does it like that): only reading tells.
  write_failed_ = true;
  if (state_ == State::tunnel || state_ == State::idle) {
    on_read_failed(why);
    return;
  }
  if (body_ != nullptr) body_->resume();
}

void Http1Backend::on_full() {
  if (body_ != nullptr) body_->pause();
}

void Http1Backend::on_drained() {
  if (body_ != nullptr) body_->resume();
}

void Http1Backend::on_deadline() {
  if (state_ == State::idle) leave();
}

}  // namespace devproxy
