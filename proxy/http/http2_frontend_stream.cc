#include "proxy/http/http2_frontend_stream.h"

#include <string>
#include <utility>

#include "proxy/context.h"
#include "proxy/http/http2_frontend.h"

namespace devproxy {

Http2FrontendStream::Http2FrontendStream(Http2Frontend& frontend, Http2Session& session)
    : Http2Stream(session), frontend_(frontend) {}

Http2FrontendStream::~Http2FrontendStream() = default;

void Http2FrontendStream::begin() {
  exchange_ = frontend_.context().take_exchange();
  reader_.reset();
}

void Http2FrontendStream::recycle() {
  Http2Stream::recycle();
  source_ = nullptr;
  trailers_.reset();
  trailers_size_.reset();
  left_ = 0;
  input_ = Input::head;
  head_request_ = counted_ = paused_by_exchange_ = tunnel_ = response_ended_ = end_sent_ = false;
}

bool Http2FrontendStream::is_busy() const {
  return exchange_ != nullptr && input_ != Input::head && !exchange_->is_endless();
}

// ---- From the client ---------------------------------------------------------------------------

bool Http2FrontendStream::on_field(std::string_view name, std::string_view value, bool is_secret) {
  if (input_ == Input::head) {
    if (exchange_ != nullptr) reader_.take(name, value, is_secret, exchange_->request());
    return !reader_.is_hopeless();
  }
  trailers_size_.add(name, value);
  if (trailers_size_.is_too_large()) return false;
  if (exchange_ == nullptr) return true;
  const FieldId id = field_id(name);
  if (!may_be_trailer(name, id)) return true;
  if (trailers_ == nullptr) trailers_ = std::make_unique<Headers>();
  trailers_->add(name, value, id);
  if (is_secret) trailers_->mark_secret();
  return true;
}

void Http2FrontendStream::on_head(bool ends) {
  if (input_ != Input::head) {
    take_end();
    return;
  }
  Request& request = exchange_->request();
  const HeadFault fault = reader_.finish(ends, request);
  head_request_ = request.method_text() == "HEAD";
  input_ = ends ? Input::ended : Input::body;
  if (fault) {
    exchange_->refuse(fault.status, fault.why, *this, frontend_.facts());
    return;
  }
  if (request.websocket) {
    input_ = Input::upgrade;
    pause_input();
    if (ends) take_end();
  }
  exchange_->start(*this, *this, frontend_.facts());
}

void Http2FrontendStream::on_data(Bytes bytes) {
  if (exchange_ != nullptr) exchange_->request_data(bytes);
}

void Http2FrontendStream::on_end() {
  input_ = Input::ended;
  if (exchange_ == nullptr) return;
  if (tunnel_) {
    exchange_->request_end(nullptr);
    if (response_ended_) finish_response();
    return;
  }
  // One that announced no bytes is complete already.
  if (!exchange_->request().body.is_none()) exchange_->request_end(trailers_.get());
}

void Http2FrontendStream::on_closed(Http2Code code, bool by_peer) {
  // All has been said, but the service has not ended its answer, or not yet got all of a tunnel.
  const bool is_ended = code == Http2Code::no_error && !by_peer && has_sent_end();
  if (exchange_ != nullptr && is_ended) return;
  if (exchange_ != nullptr && input_ != Input::head) {
    std::string why = by_peer ? "the client reset the stream (" : "the stream was reset (";
    why.append(name_of(code)).append(")");
    exchange_->request_failed(Error{Code::reset, Source::client, std::move(why)});
  }
  finish_exchange();
  frontend_.retire(*this);
}

void Http2FrontendStream::connection_lost(const Error& why) {
  if (exchange_ != nullptr && input_ != Input::head) exchange_->request_failed(why);
  finish_exchange();
}

void Http2FrontendStream::pause() {
  paused_by_exchange_ = true;
  pause_input();
}

void Http2FrontendStream::resume() {
  paused_by_exchange_ = false;
  if (input_ != Input::upgrade) resume_input();
}

// ---- To the client -----------------------------------------------------------------------------

void Http2FrontendStream::inform(Response& response) {
  session_.send_interim(*this, frontend_.writer().response(response));
}

void Http2FrontendStream::response_head(Response& response, MessageSource& source) {
  source_ = &source;
  const bool bodiless = !response.upgraded && (head_request_ || response.body.is_none() ||
                                               response.status == 204 || response.status == 304);
  counted_ = !bodiless && response.body.kind == BodyLength::Kind::known;
  left_ = response.body.bytes;
  session_.send_response(*this, frontend_.writer().response(response), bodiless);
  if (response.upgraded) {
    input_ = Input::body;
    tunnel_ = true;
    if (!paused_by_exchange_) resume_input();
  } else if (input_ == Input::upgrade) {
    input_ = Input::ended;
    drop_input();
  }
}

void Http2FrontendStream::response_data(Bytes bytes) {
  if (counted_) {
    bytes = bytes.substr(0, left_);
    left_ -= bytes.size();
  }
  send_data(bytes);
}

void Http2FrontendStream::response_end(const Headers* trailers) {
  if (tunnel_) {
    response_ended_ = true;
    source_ = nullptr;
    send_end(nullptr);
    if (input_ == Input::ended) finish_response();
    return;
  }
  if (counted_ && left_ > 0) {
    response_failed(Error{Code::closed, Source::upstream, "the answer is shorter than announced"});
    return;
  }
  send_end(trailers);
  finish_response();
}

/// A response that broke off must not look complete. Of a WebSocket: RFC 8441 section 5.
void Http2FrontendStream::response_failed(const Error& /*why*/) {
  session_.reset(*this, tunnel_ ? Http2Code::cancel : Http2Code::internal_error);
  finish_response();
}

void Http2FrontendStream::on_end_sent() {
  end_sent_ = true;
  // RFC 9113 8.1: who has the whole answer need not send the rest of the request.
  if (exchange_ == nullptr && !session_.is_half_closed(*this))
    session_.reset(*this, Http2Code::no_error);
}

void Http2FrontendStream::finish_response() {
  finish_exchange();
  if (is_closed()) {
    frontend_.retire(*this);
  } else if (end_sent_) {
    on_end_sent();
  }
}

void Http2FrontendStream::on_output_full() {
  if (source_ != nullptr) source_->pause();
}

void Http2FrontendStream::on_output_ready() {
  if (source_ != nullptr) source_->resume();
}

void Http2FrontendStream::finish_exchange() {
  source_ = nullptr;
  drop_input();
  if (exchange_ != nullptr) frontend_.context().give_back(std::move(exchange_));
}

}  // namespace devproxy
