#include "proxy/http/http1_frontend.h"

#include <utility>

#include "proxy/client_connections.h"
#include "proxy/context.h"
#include "proxy/http/http1_writer.h"

namespace devproxy {
Http1Frontend::Http1Frontend(Context& context, ClientConnections& owner,
                             std::unique_ptr<Stream> stream, ListenerFacts listener)
    : context_(context), owner_(owner), stream_(std::move(stream)), listener_(listener) {
  stream_->set_events(this);
  stream_->start_reading();
  set(context_.deadlines, context_.limits.idle_client);
}

Http1Frontend::~Http1Frontend() = default;

void Http1Frontend::begin(Bytes first) {
  on_bytes(first);
}

bool Http1Frontend::is_busy() const {
  return exchange_ != nullptr && input_ != Input::head && !exchange_->is_endless();
}

void Http1Frontend::drain() {
  ends_ = true;
  if (is_idle()) close_when_drained();
}

/// RFC 9112 2.2: an empty line ahead of a request is no part of it.
bool Http1Frontend::is_idle() const {
  return input_ == Input::head && (exchange_ == nullptr || !reader_.has_begun());
}

std::string_view Http1Frontend::ip() {
  if (ip_.empty()) ip_ = stream_->peer_ip();
  return ip_;
}

bool Http1Frontend::is_own_user() {
  return stream_->peer_is_own_user();
}

// ---- From the client ---------------------------------------------------------------------------

void Http1Frontend::on_bytes(Bytes bytes) {
  if (input_ == Input::linger) {
    lingered_ += static_cast<std::uint32_t>(bytes.size());
    if (lingered_ > context_.limits.linger_bytes) close();
    return;
  }
  process(bytes);
}

void Http1Frontend::process(Bytes bytes) {
  if (waits_for_reader_) {
    backlog_.append(bytes);
    return;
  }
  processing_ = true;
  while (!bytes.empty()) {
    switch (input_) {
      case Input::head:
        if (exchange_ == nullptr && stream_->queued() >= most_backlog) {
          wait_for_reader(bytes);
          break;
        }
        take_head(bytes);
        continue;
      case Input::body:
        take_body(bytes);
        continue;
      case Input::tunnel:
        exchange_->request_data(bytes);
        break;
      case Input::none:
        // Reading goes on for a while: only so the client's end is seen.
        backlog_.append(bytes);
        if (backlog_.size() >= most_backlog) stream_->pause_reading();
        break;
      case Input::linger:
      case Input::closed:
        break;
    }
    break;
  }
  processing_ = false;
}

/// Answers pile up because the client does not read them: its next request waits.
void Http1Frontend::wait_for_reader(Bytes bytes) {
  backlog_.append(bytes);
  waits_for_reader_ = true;
  stream_->pause_reading();
  stream_->tell_when_drained();
}

void Http1Frontend::process_backlog() {
  const std::string bytes = std::exchange(backlog_, std::string());
  process(bytes);
  read_on();
}

/// Unless somebody has said that he cannot take more, or what comes would overtake what waits.
void Http1Frontend::read_on() {
  if (paused_ || waits_for_reader_ || input_ == Input::closed) return;
  if (backlog_.size() < most_backlog) stream_->start_reading();
}

void Http1Frontend::take_head(Bytes& bytes) {
  const bool was_idle = is_idle();
  if (exchange_ == nullptr) {
    exchange_ = context_.take_exchange();
    reader_.reset();
  }
  Request& request = exchange_->request();
  std::size_t used = 0;
  switch (reader_.read(bytes, request.headers, used)) {
    case HeadReader::Progress::more:
      bytes = {};
      if (was_idle && !is_idle()) set(context_.deadlines, context_.limits.request_head);
      return;
    case HeadReader::Progress::refused:
      bytes = {};
      refuse(reader_.fault().status, reader_.fault().why);
      return;
    case HeadReader::Progress::done:
      break;
  }
  bytes.remove_prefix(used);
  clear();
  if (const HeadFault fault = read_request_head(reader_.start_line(), request)) {
    bytes = {};
    refuse(fault.status, fault.why);
    return;
  }
  if (const char* why = context_.opinion.disagrees(
          std::string_view(request.headers.block()).substr(0, reader_.size()), request)) {
    bytes = {};
    refuse(400, why);
    return;
  }
  early_bytes_ = !bytes.empty();
  begin_exchange();
}

void Http1Frontend::begin_exchange() {
  const Request& request = exchange_->request();
  minor_version_ = request.minor_version;
  keep_alive_ = request.keep_alive;
  head_request_ = request.method_text() == "HEAD";
  switch (request.body.kind) {
    case BodyLength::Kind::none:
      input_ = Input::none;
      break;
    case BodyLength::Kind::known:
      input_ = Input::body;
      body_reader_.start(BodyFraming::counted, request.body.bytes);
      break;
    case BodyLength::Kind::unknown:
      input_ = Input::body;
      body_reader_.start(BodyFraming::chunked);
      break;
  }
  exchange_->start(*this, *this, *this);
}

/// The request cannot be understood, hence neither where the next one would begin: the connection
/// ends with the answer.
void Http1Frontend::refuse(int status, const char* why) {
  clear();
  input_ = Input::body;
  ends_ = true;
  head_request_ = exchange_->request().method_text() == "HEAD";
  exchange_->refuse(status, why, *this, *this);
}

void Http1Frontend::take_body(Bytes& bytes) {
  while (input_ == Input::body) {
    Bytes piece;
    switch (body_reader_.next(bytes, piece)) {
      case BodyReader::Event::more:
        return;
      case BodyReader::Event::data:
        exchange_->request_data(piece);
        break;
      case BodyReader::Event::end:
        input_ = Input::none;
        // Whoever paused the body has all of it now; the client's end must still be seen.
        paused_ = false;
        stream_->start_reading();
        exchange_->request_end(body_reader_.trailers());
        break;
      case BodyReader::Event::refused:
        bytes = {};
        ends_ = true;
        exchange_->request_malformed(body_reader_.why());
        return;
    }
  }
}

void Http1Frontend::on_end() {
  switch (input_) {
    case Input::tunnel:
      request_ended_ = true;
      exchange_->request_end(nullptr);
      if (response_ended_) {
        retire_exchange();
        close_when_drained();
      }
      return;
    case Input::linger:
      close();
      return;
    case Input::closed:
      return;
    case Input::head:
    case Input::body:
    case Input::none:
      client_gone(Error{Code::closed, Source::client, "the client closed the connection"});
      return;
  }
}

void Http1Frontend::on_read_failed(const Error& why) {
  client_gone(
      Error{Code::reset, Source::client, "the client's connection broke (" + why.detail + ")"});
}

void Http1Frontend::on_write_failed(const Error& why) {
  on_read_failed(why);
}

void Http1Frontend::client_gone(const Error& why) {
  if (exchange_ != nullptr && input_ != Input::head) exchange_->request_failed(why);
  retire_exchange();
  close();
}

void Http1Frontend::pause() {
  paused_ = true;
  stream_->pause_reading();
}

void Http1Frontend::resume() {
  paused_ = false;
  read_on();
}

void Http1Frontend::on_deadline() {
  if (input_ == Input::head && !is_idle()) {
    refuse(408, "the head of the request did not come within 15 s");
    return;
  }
  if (stream_->queued() > 0 && (input_ == Input::linger || input_ == Input::closed)) {
    // A slow reader still gets its answer, as long as an idle one would be kept.
    if (++slow_seconds_ < context_.limits.idle_client / context_.limits.linger) {
      set(context_.deadlines, context_.limits.linger);
      return;
    }
  }
  close();
}

// ---- Between exchanges, and the end ------------------------------------------------------------

void Http1Frontend::retire_exchange() {
  source_ = nullptr;
  paused_ = false;
  if (exchange_ != nullptr) context_.give_back(std::move(exchange_));
}

/// What came behind a request for a WebSocket, before its answer, was meant as frames: once that is
/// refused, it must not be read as a request (RFC 9110 7.8).
bool Http1Frontend::has_early_frames() const {
  return exchange_->request().websocket && (early_bytes_ || !backlog_.empty());
}

void Http1Frontend::finish_exchange() {
  const bool request_complete = input_ == Input::none;
  const bool early_frames = has_early_frames();
  retire_exchange();
  if (!request_complete || early_frames || (ends_ && !backlog_.empty())) {
    linger();
    return;
  }
  if (ends_) {
    close_when_drained();
    return;
  }
  input_ = Input::head;
  stream_->start_reading();
  set(context_.deadlines, context_.limits.idle_client);
  if (!backlog_.empty() && !processing_) process_backlog();
}

/// RFC 9112 9.6: writing ends, reading goes on for a moment, so that the answer is not lost to a
/// reset.
void Http1Frontend::linger() {
  input_ = Input::linger;
  std::string().swap(backlog_);
  stream_->finish_writing();
  stream_->start_reading();
  set(context_.deadlines, context_.limits.linger);
}

void Http1Frontend::close_when_drained() {
  input_ = Input::closed;
  stream_->pause_reading();
  stream_->tell_when_done();
  set(context_.deadlines, context_.limits.linger);
}

void Http1Frontend::close() {
  input_ = Input::closed;
  clear();
  stream_->set_events(nullptr);
  stream_->pause_reading();
  owner_.remove(*this);
}

}  // namespace devproxy
