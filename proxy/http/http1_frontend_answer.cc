// The client's side of HTTP/1, towards the client: what an exchange answers, as bytes.
#include <utility>

#include "proxy/context.h"
#include "proxy/http/http1_frontend.h"
#include "proxy/http/http1_writer.h"

namespace devproxy {

void Http1Frontend::inform(Response& response) {
  // They have no end that could be waited for: what the client leaves unread is left out.
  if (minor_version_ > 0 && stream_->queued() < most_backlog)
    write_interim_head(stream_->out(), response);
}

void Http1Frontend::response_head(Response& response, MessageSource& source) {
  source_ = &source;
  // An answer that does not wait for the request's body ends the connection (RFC 9112 9.6), and
  // says so.
  if (!keep_alive_ || context_.draining || (response.is_whole && input_ == Input::body))
    ends_ = true;
  if (!response.upgraded && has_early_frames()) ends_ = true;
  ResponseHeadOptions options;
  options.head_request = head_request_;
  options.http_1_0 = minor_version_ == 0;
  options.close = ends_;
  options.keep_alive_told = minor_version_ == 0 && !ends_;
  const BodyFraming framing = write_response_head(stream_->out(), response, options);
  body_writer_.start(framing, response.body.bytes);
  if (framing == BodyFraming::until_close) ends_ = true;
  if (response.upgraded) {
    input_ = Input::tunnel;
    // What the client sent behind its upgrade request belongs to the tunnel.
    if (!processing_) process_backlog();
  }
}

void Http1Frontend::response_data(Bytes bytes) {
  constexpr std::size_t copied = 16 * 1024;
  if (bytes.size() < copied) {
    body_writer_.write(stream_->out(), bytes);
    return;
  }
  bytes = body_writer_.clip(bytes);
  if (bytes.empty()) return;
  body_writer_.open_chunk(stream_->out(), bytes.size());
  stream_->write(bytes);
  // A failed write has ended the exchange.
  if (exchange_ != nullptr) body_writer_.close_chunk(stream_->out());
}

void Http1Frontend::response_end(const Headers* trailers) {
  if (input_ == Input::tunnel) {
    response_ended_ = true;
    source_ = nullptr;
    stream_->finish_writing();
    if (request_ended_) {
      retire_exchange();
      close_when_drained();
    }
    return;
  }
  if (!body_writer_.end(stream_->out(), trailers)) {
    response_failed(Error{Code::closed, Source::upstream, "the answer is shorter than announced"});
    return;
  }
  finish_exchange();
}

/// A response that broke off must not look complete.
void Http1Frontend::response_failed(const Error& /*why*/) {
  const bool end_looks_complete = body_writer_.framing() == BodyFraming::until_close ||
                                  body_writer_.framing() == BodyFraming::raw;
  retire_exchange();
  if (end_looks_complete) {
    stream_->reset();
    close();
  } else {
    close_when_drained();
  }
}

void Http1Frontend::on_full() {
  if (source_ != nullptr) source_->pause();
}

void Http1Frontend::on_drained() {
  if (input_ == Input::closed) {
    close();
    return;
  }
  if (source_ != nullptr) source_->resume();
  if (waits_for_reader_) {
    waits_for_reader_ = false;
    process_backlog();
  }
}

}  // namespace devproxy
