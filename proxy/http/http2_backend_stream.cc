#include "proxy/http/http2_backend_stream.h"

#include <utility>

#include "proxy/http/http2_backend.h"
#include "proxy/http/websocket_key.h"

namespace devproxy {

Http2BackendStream::Http2BackendStream(Http2Backend& backend, Http2Session& session)
    : Http2Stream(session), backend_(backend) {}

Http2BackendStream::~Http2BackendStream() = default;

void Http2BackendStream::recycle() {
  Http2Stream::recycle();
  request_ = nullptr;
  body_ = nullptr;
  response_ = nullptr;
  sink_ = nullptr;
  size_.reset();
  status_.clear();
  trailers_.reset();
  is_reused_ = has_answered_ = has_head_ = response_ended_ = false;
}

// ---- The request -------------------------------------------------------------------------------

void Http2BackendStream::start(const Request& request, MessageSource& body, Response& response,
                               ResponseSink& sink) {
  is_reused_ = backend_.has_carried();
  request_ = &request;
  response_ = &response;
  response_->clear();
  sink_ = &sink;
  body_ = request.body.is_none() && !request.websocket ? nullptr : &body;
  if (request.websocket) {
    backend_.ask_for_websocket(*this);
  } else {
    send_head();
  }
}

void Http2BackendStream::send_head() {
  session_.send_request(*this, backend_.head_of(*request_), body_ == nullptr);
}

/// RFC 8441 3: only a service that says so understands it.
void Http2BackendStream::send_websocket() {
  if (sink_ == nullptr) return;
  if (session_.allows_websocket()) {
    send_head();
    return;
  }
  break_off(Code::not_implemented,
            "it speaks HTTP/2 without WebSockets (RFC 8441); let the service offer them over "
            "HTTP/1.1 and write its url with http://");
}

void Http2BackendStream::request_data(Bytes bytes) {
  send_data(bytes);
}

void Http2BackendStream::request_end(const Headers* trailers) {
  body_ = nullptr;
  send_end(trailers);
  // A tunnel whose other direction has ended already: nobody listens any more.
  if (response_ended_) leave();
}

void Http2BackendStream::request_failed(const Error& /*why*/) {
  cancel();
}

void Http2BackendStream::on_output_full() {
  if (body_ != nullptr) body_->pause();
}

void Http2BackendStream::on_output_ready() {
  if (body_ != nullptr) body_->resume();
}

void Http2BackendStream::pause() {
  pause_input();
}

void Http2BackendStream::resume() {
  resume_input();
}

void Http2BackendStream::cancel() {
  if (sink_ == nullptr) return;
  session_.reset(*this, Http2Code::cancel);
  leave();
}

/// Nobody is told anything any more. The stream itself is over when the session says so.
void Http2BackendStream::leave() {
  sink_ = nullptr;
  body_ = nullptr;
  request_ = nullptr;
  drop_input();
  if (is_closed() || id() <= 0) backend_.retire(*this);
}

// ---- The response ------------------------------------------------------------------------------

bool Http2BackendStream::on_field(std::string_view name, std::string_view value, bool is_secret) {
  if (sink_ == nullptr) return true;
  size_.add(name, value);
  if (size_.is_too_large()) {
    break_off(Code::too_large, std::string("its answer is too large: ") + size_.why());
    return false;
  }
  if (name == ":status") {
    status_.assign(value);
    return true;
  }
  const FieldId id = field_id(name);
  if (!has_head_) {
    response_->headers.add(name, value, id);
    if (is_secret) response_->headers.mark_secret();
    return true;
  }
  if (!may_be_trailer(name, id)) return true;
  if (trailers_ == nullptr) trailers_ = std::make_unique<Headers>();
  trailers_->add(name, value, id);
  if (is_secret) trailers_->mark_secret();
  return true;
}

void Http2BackendStream::on_head(bool ends) {
  if (sink_ == nullptr) return;
  size_.reset();
  has_answered_ = true;
  if (has_head_) {
    take_end();
    return;
  }
  const HeadFault fault = read_http2_response(status_, request_->method_text(), ends, *response_);
  if (fault) {
    session_.reset(*this, Http2Code::protocol_error);
    break_off(Code::bad_request, std::string("its answer is not HTTP/2: ") + fault.why);
    return;
  }
  if (response_->status < 200) {
    sink_->inform(*response_);
    if (sink_ != nullptr) response_->clear();
    return;
  }
  has_head_ = true;
  if (request_->websocket && response_->status < 300) accept_websocket();
  sink_->response_head(*response_, *this);
  if (ends && sink_ != nullptr) take_end();
}

/// RFC 8441 5: 200 is what 101 is to HTTP/1, where the client wants its key answered too.
void Http2BackendStream::accept_websocket() {
  response_->status = 101;
  response_->upgraded = true;
  response_->body = {};
  response_->content_length.reset();
  response_->headers.drop(FieldId::content_length);
  if (const Field* key = request_->headers.find("sec-websocket-key")) {
    response_->headers.add("Sec-WebSocket-Accept", websocket_accept(request_->headers.value(*key)));
  }
}

void Http2BackendStream::on_data(Bytes bytes) {
  if (sink_ != nullptr) sink_->response_data(bytes);
}

void Http2BackendStream::on_end() {
  if (sink_ == nullptr) return;
  ResponseSink* sink = sink_;
  if (response_->upgraded && body_ != nullptr) {
    // A half-close: the other direction goes on.
    response_ended_ = true;
    sink->response_end(nullptr);
    return;
  }
  const std::unique_ptr<Headers> trailers = std::move(trailers_);
  // A request that the service has answered already need not be sent to its end.
  if (body_ != nullptr) session_.reset(*this, Http2Code::cancel);
  leave();
  sink->response_end(trailers.get());
}

void Http2BackendStream::on_closed(Http2Code code, bool by_peer) {
  if (sink_ == nullptr) {
    backend_.retire(*this);
    return;
  }
  // All of it is here; the client has not taken it yet.
  if (holds_end()) return;
  const std::string name = name_of(code);
  if (code == Http2Code::refused_stream) {
    break_off(Code::unprocessed, "it refused the request (" + name + ")");
  } else if (by_peer) {
    break_off(Code::reset, "it reset the request's stream (" + name + ")");
  } else {
    break_off(Code::bad_request, "its answer breaks a rule of HTTP/2 (" + name + ")");
  }
}

void Http2BackendStream::connection_lost(Code code, const std::string& why) {
  note_closed();
  if (holds_end()) return;
  if (sink_ == nullptr) {
    backend_.retire(*this);
    return;
  }
  std::string text = why;
  if (code == Code::closed)
    text.append(has_answered_ ? " within its answer" : " without an answer");
  break_off(code, std::move(text));
}

void Http2BackendStream::break_off(Code code, std::string why) {
  ResponseSink* sink = sink_;
  leave();
  if (sink != nullptr) sink->response_failed(Error{code, Source::upstream, std::move(why)});
}

}  // namespace devproxy
