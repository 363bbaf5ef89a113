#include "proxy/http/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "proxy/http/http2_session_callbacks.h"
#include "proxy/http/http2_stream.h"

namespace devproxy {

const char* name_of(Http2Code code) {
  return nghttp2_http2_strerror(static_cast<std::uint32_t>(code));
}

Http2Session::Http2Session(Role role, Agenda& agenda, Buffers& buffers, Stream& stream,
                           Http2SessionEvents& events)
    : role_(role),
      agenda_(agenda),
      buffers_(buffers),
      stream_(stream),
      events_(events),
      session_(Callbacks::make_session(*this)) {
  send_settings();
  schedule();
}

Http2Session::~Http2Session() {
  if (scheduled_) agenda_.forget(*this);
  nghttp2_session_del(session_);
}

void Http2Session::send_settings() {
  const std::uint32_t head = static_cast<std::uint32_t>(http2_limits.head);
  const nghttp2_settings_entry server[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, http2_limits.streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, http2_limits.window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, head},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  const nghttp2_settings_entry client[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, http2_limits.window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, head},
  };
  if (role_ == Role::server) {
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, server, std::size(server));
  } else {
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, client, std::size(client));
  }
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        http2_limits.connection_window);
}

// ---- In ----------------------------------------------------------------------------------------

void Http2Session::receive(Bytes bytes) {
  if (terminated_ || abandoned_) return;
  busy_ = true;
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  busy_ = false;
  if (taken < 0) {
    terminate(taken == NGHTTP2_ERR_FLOODED ? Http2Code::enhance_your_calm
                                           : Http2Code::protocol_error);
  }
  schedule();
}

void Http2Session::note_nuisance() {
  if (!patience_.take(agenda_.now())) terminate(Http2Code::enhance_your_calm);
}

/// RFC 9113 5.1 and 5.1.1; nghttp2 ignores what it has no stream for. So do we once a client
/// may not have known yet that we reset a stream.
void Http2Session::check_not_over(std::int32_t stream_id) {
  if (role_ != Role::server || resets_early_ || stream_id > newest_ || stream_id % 2 == 0) return;
  if (nghttp2_session_get_stream_user_data(session_, stream_id) != nullptr) return;
  const bool none_was_left_out = newest_ == 2 * begun_ - 1;
  terminate(none_was_left_out ? Http2Code::stream_closed : Http2Code::protocol_error);
}

void Http2Session::consume(const Http2Stream& stream, std::size_t bytes) {
  if (stream.closed_) return;
  nghttp2_session_consume_stream(session_, stream.id_, bytes);
  schedule();
}

void Http2Session::deliver_later(Http2Stream& stream) {
  resumed_.push_back(&stream);
  schedule();
}

// ---- Out ---------------------------------------------------------------------------------------

void Http2Session::send_request(Http2Stream& stream, const Http2Fields& fields, bool ends) {
  const std::vector<nghttp2_nv>& list = to_nghttp2(fields);
  const nghttp2_data_provider data{{.ptr = &stream}, Callbacks::read_data};
  stream.id_ = nghttp2_submit_request(session_, nullptr, list.data(), list.size(),
                                      ends ? nullptr : &data, &stream);
  if (ends) stream.out_ended_ = true;
  schedule();
}

void Http2Session::send_interim(Http2Stream& stream, const Http2Fields& fields) {
  // No window holds heads back, and interim ones have no end that could be waited for.
  if (nghttp2_session_get_outbound_queue_size(session_) > http2_limits.waiting_frames) return;
  const std::vector<nghttp2_nv>& list = to_nghttp2(fields);
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id_, nullptr, list.data(), list.size(),
                         nullptr);
  schedule();
}

void Http2Session::send_response(Http2Stream& stream, const Http2Fields& fields, bool ends) {
  const std::vector<nghttp2_nv>& list = to_nghttp2(fields);
  const nghttp2_data_provider data{{.ptr = &stream}, Callbacks::read_data};
  nghttp2_submit_response(session_, stream.id_, list.data(), list.size(), ends ? nullptr : &data);
  if (ends) stream.out_ended_ = true;
  schedule();
}

void Http2Session::reset(const Http2Stream& stream, Http2Code code) {
  if (stream.closed_ || stream.id_ <= 0) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_,
                            static_cast<std::uint32_t>(code));
  schedule();
}

bool Http2Session::is_half_closed(const Http2Stream& stream) const {
  return nghttp2_session_get_stream_remote_close(session_, stream.id_) != 0;
}

void Http2Session::has_data(Http2Stream& stream) {
  if (stream.deferred_) {
    stream.deferred_ = false;
    nghttp2_session_resume_data(session_, stream.id_);
  }
  schedule();
}

void Http2Session::ready_later(Http2Stream& stream) {
  ready_.push_back(&stream);
  schedule();
}

/// A stream is about to die or to become another one.
void Http2Session::forget(const Http2Stream& stream) {
  if (head_ == &stream) head_ = nullptr;
  for (std::vector<Http2Stream*>* list : {&resumed_, &ready_}) {
    list->erase(std::remove(list->begin(), list->end(), &stream), list->end());
  }
}

void Http2Session::schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  agenda_.flush_before_wait(*this);
}

void Http2Session::flush() {
  scheduled_ = false;
  turned_.swap(resumed_);
  for (Http2Stream* stream : turned_) stream->deliver_held();
  turned_.clear();
  collect();
  turned_.swap(ready_);
  for (Http2Stream* stream : turned_) {
    if (!stream->full_ && !stream->closed_) stream->on_output_ready();
  }
  turned_.clear();
  events_.on_flushed();
}

void Http2Session::collect_now() {
  if (!busy_) collect();
}

void Http2Session::collect() {
  // Closing a stream here would tell an owner that has let go of it.
  if (blocked_ || abandoned_) return;
  busy_ = true;
  while (!blocked_) {
    if (stream_.queued() >= http2_limits.queued) {
      blocked_ = true;
      stream_.tell_when_drained();
      break;
    }
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) break;
    stream_.out().append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  busy_ = false;
}

void Http2Session::on_drained() {
  blocked_ = false;
  schedule();
}

// ---- The end -----------------------------------------------------------------------------------

void Http2Session::shut_down_soon() {
  nghttp2_submit_shutdown_notice(session_);
  collect_now();  // or the ping would overtake it
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  schedule();
}

void Http2Session::shut_down() {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  schedule();
}

void Http2Session::terminate(Http2Code code) {
  if (terminated_) return;
  terminated_ = true;
  nghttp2_session_terminate_session(session_, static_cast<std::uint32_t>(code));
  schedule();
}

bool Http2Session::is_shutting_down() const {
  return peer_shuts_down_ || terminated_ ||
         (role_ == Role::client && nghttp2_session_check_request_allowed(session_) == 0);
}

bool Http2Session::is_over() const {
  return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

bool Http2Session::has_output() const {
  return scheduled_ || nghttp2_session_want_write(session_) != 0;
}

std::uint32_t Http2Session::most_streams() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool Http2Session::allows_websocket() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) ==
         1;
}

}  // namespace devproxy
