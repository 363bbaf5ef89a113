#include "proxy/http/http2_session_callbacks.h"

#include <algorithm>
#include <utility>

#include "proxy/http/http2_stream.h"

namespace devproxy {
namespace {

Http2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
  return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

Http2Session& self_of(void* user_data) {
  return *static_cast<Http2Session*>(user_data);
}

Http2Fields to_fields(const Headers& headers) {
  Http2Fields fields;
  for (const Field& field : headers.fields()) {
    if (!field.dropped)
      fields.push_back({headers.name(field), headers.value(field), field.is_secret});
  }
  return fields;
}

}  // namespace

const std::vector<nghttp2_nv>& to_nghttp2(const Http2Fields& fields) {
  thread_local std::vector<nghttp2_nv> list;  // one head at a time: filled, handed over
  list.clear();
  for (const Http2Field& field : fields) {
    // Neither is written to: nghttp2 copies both, and lower-cases its copy of the name.
    auto* name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(field.name.data()));
    auto* value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(field.value.data()));
    const std::uint8_t flags = field.is_secret ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
    list.push_back({name, value, field.name.size(), field.value.size(), flags});
  }
  return list;
}

/// What nghttp2 does not look at by itself.
int Http2Session::Callbacks::on_begin_frame(nghttp2_session* /*session*/,
                                            const nghttp2_frame_hd* head, void* user_data) {
  Http2Session& self = self_of(user_data);
  switch (head->type) {
    case NGHTTP2_CONTINUATION:
      self.note_nuisance();
      if (head->length > http2_limits.frame) self.terminate(Http2Code::frame_size_error);
      break;
    case NGHTTP2_PRIORITY:
      if (head->stream_id == 0) self.terminate(Http2Code::protocol_error);
      break;
    case NGHTTP2_HEADERS:
      self.check_not_over(head->stream_id);
      break;
    default:
      break;
  }
  return 0;
}

int Http2Session::Callbacks::on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame,
                                              void* user_data) {
  Http2Session& self = self_of(user_data);
  self.within_head_ = true;
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
    self.head_ = stream_of(session, frame->hd.stream_id);
    return 0;
  }
  self.newest_ = frame->hd.stream_id;
  ++self.begun_;
  self.head_ = self.events_.on_stream();
  self.head_->id_ = frame->hd.stream_id;
  nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, self.head_);
  return 0;
}

int Http2Session::Callbacks::on_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                                       const std::uint8_t* name, std::size_t name_size,
                                       const std::uint8_t* value, std::size_t value_size,
                                       std::uint8_t flags, void* user_data) {
  Http2Stream* stream = self_of(user_data).head_;
  if (stream == nullptr) return 0;
  const std::string_view name_text(reinterpret_cast<const char*>(name), name_size);
  const std::string_view value_text(reinterpret_cast<const char*>(value), value_size);
  const bool is_secret = (flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0;
  if (stream->on_field(name_text, value_text, is_secret)) return 0;
  self_of(user_data).within_head_ = false;
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/// nghttp2 would leave such a field out; RFC 9113 8.2.1 calls the message malformed.
int Http2Session::Callbacks::on_invalid_header(
    nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/, const std::uint8_t* /*name*/,
    std::size_t /*name_size*/, const std::uint8_t* /*value*/, std::size_t /*value_size*/,
    std::uint8_t /*flags*/, void* user_data) {
  self_of(user_data).within_head_ = false;
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/// A message or a frame that nghttp2 answers with a reset by itself.
int Http2Session::Callbacks::on_invalid_frame(nghttp2_session* /*session*/,
                                              const nghttp2_frame* /*frame*/, int /*why*/,
                                              void* user_data) {
  self_of(user_data).within_head_ = false;
  self_of(user_data).resets_early_ = true;
  return 0;
}

int Http2Session::Callbacks::on_frame(nghttp2_session* session, const nghttp2_frame* frame,
                                      void* user_data) {
  Http2Session& self = self_of(user_data);
  const bool is_ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
  const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
      self.within_head_ = false;
      if (Http2Stream* stream = std::exchange(self.head_, nullptr)) stream->on_head(ends);
      break;
    case NGHTTP2_DATA:
      if (ends) {
        if (Http2Stream* stream = stream_of(session, frame->hd.stream_id)) stream->take_end();
      } else if (frame->hd.length == 0) {
        self.note_nuisance();
      }
      break;
    case NGHTTP2_RST_STREAM:
      if (self.role_ == Role::server) self.note_nuisance();
      if (Http2Stream* stream = stream_of(session, frame->hd.stream_id))
        stream->reset_by_peer_ = true;
      break;
    case NGHTTP2_SETTINGS:
      if (is_ack) break;
      self.note_nuisance();
      self.has_settings_ = true;
      self.events_.on_settings();
      break;
    case NGHTTP2_PING:
      if (is_ack) {
        self.events_.on_notice_seen();
      } else {
        self.note_nuisance();
      }
      break;
    case NGHTTP2_PRIORITY:
      self.note_nuisance();
      break;
    case NGHTTP2_GOAWAY:
      self.peer_shuts_down_ = true;
      break;
    default:
      break;
  }
  return 0;
}

int Http2Session::Callbacks::on_data_chunk(nghttp2_session* session, std::uint8_t /*flags*/,
                                           std::int32_t id, const std::uint8_t* data,
                                           std::size_t size, void* /*user_data*/) {
  // The connection's window is given back at once, so that a stream which nobody reads stalls
  // itself and no other.
  nghttp2_session_consume_connection(session, size);
  if (Http2Stream* stream = stream_of(session, id)) {
    stream->take_input(Bytes(reinterpret_cast<const char*>(data), size));
  } else {
    nghttp2_session_consume_stream(session, id, size);
  }
  return 0;
}

int Http2Session::Callbacks::on_frame_sent(nghttp2_session* session, const nghttp2_frame* frame,
                                           void*) {
  const bool may_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
  if (!may_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  if (Http2Stream* stream = stream_of(session, frame->hd.stream_id)) stream->on_end_sent();
  return 0;
}

/// A head of ours that cannot be sent, because it is too large for instance.
int Http2Session::Callbacks::on_frame_not_sent(nghttp2_session* session, const nghttp2_frame* frame,
                                               int /*why*/, void* /*user_data*/) {
  if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                              NGHTTP2_INTERNAL_ERROR);
  }
  return 0;
}

int Http2Session::Callbacks::on_stream_close(nghttp2_session* session, std::int32_t id,
                                             std::uint32_t code, void* user_data) {
  Http2Session& self = self_of(user_data);
  Http2Stream* stream = stream_of(session, id);
  // The peer's own resets were counted when they came.
  const bool was_counted = stream != nullptr && stream->reset_by_peer_;
  if (code != NGHTTP2_NO_ERROR && !was_counted && self.role_ == Role::server) self.note_nuisance();
  if (!was_counted && nghttp2_session_get_stream_remote_close(session, id) != 1)
    self.resets_early_ = true;
  if (stream == nullptr) return 0;
  nghttp2_session_set_stream_user_data(session, id, nullptr);
  if (self.head_ == stream) self.head_ = nullptr;
  stream->closed_ = true;
  stream->on_closed(static_cast<Http2Code>(code), stream->reset_by_peer_);
  return 0;
}

/// How much DATA the next frame takes; the bytes follow in send_data().
ssize_t Http2Session::Callbacks::read_data(nghttp2_session* session, std::int32_t id,
                                           std::uint8_t* /*buffer*/, std::size_t size,
                                           std::uint32_t* flags, nghttp2_data_source* source,
                                           void* /*user_data*/) {
  auto* stream = static_cast<Http2Stream*>(source->ptr);
  const std::size_t waiting = stream->pending();
  if (waiting == 0 && !stream->out_ended_) {
    stream->deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (waiting <= size && stream->out_ended_) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream->has_trailers_) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const Http2Fields fields = to_fields(stream->trailers_);
      const std::vector<nghttp2_nv>& list = to_nghttp2(fields);
      nghttp2_submit_trailer(session, id, list.data(), list.size());
    }
  }
  return static_cast<ssize_t>(std::min(size, waiting));
}

int Http2Session::Callbacks::send_data(nghttp2_session* /*session*/, nghttp2_frame* /*frame*/,
                                       const std::uint8_t* head, std::size_t size,
                                       nghttp2_data_source* source, void* user_data) {
  constexpr std::size_t head_size = 9;
  Http2Session& self = self_of(user_data);
  if (self.stream_.queued() >= http2_limits.queued) {
    self.blocked_ = true;
    self.stream_.tell_when_drained();
    return NGHTTP2_ERR_WOULDBLOCK;
  }
  self.stream_.out().append(reinterpret_cast<const char*>(head), head_size);
  static_cast<Http2Stream*>(source->ptr)->write_out(size);
  return 0;
}

/// nghttp2 takes and frees half a dozen blocks for each request.
nghttp2_mem Http2Session::Callbacks::memory_of(BlockPool& blocks) {
  return nghttp2_mem{
      &blocks,
      [](std::size_t size, void* pool) { return static_cast<BlockPool*>(pool)->take(size); },
      [](void* block, void* pool) { static_cast<BlockPool*>(pool)->give_back(block); },
      [](std::size_t count, std::size_t size, void* pool) {
        return static_cast<BlockPool*>(pool)->take_zeroed(count, size);
      },
      [](void* block, std::size_t size, void* pool) {
        return static_cast<BlockPool*>(pool)->resize(block, size);
      }};
}

nghttp2_session* Http2Session::Callbacks::make_session(Http2Session& self) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_frame_not_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, send_data);

  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_peer_max_concurrent_streams(options, http2_limits.streams_before_settings);
  nghttp2_option_set_max_send_header_block_length(options, http2_limits.hopeless_head);
#ifdef DEVPROXY_NGHTTP2_HAS_RESET_RATE
  // Behind our own count, which says ENHANCE_YOUR_CALM. Its default of 33 a second breaks the
  // reload of an unbundled page.
  nghttp2_option_set_stream_reset_rate_limit(options, 2 * Http2Patience::burst,
                                             2000 * Http2Patience::per_millisecond);
#endif
  nghttp2_mem memory = memory_of(self.buffers_.blocks());
  nghttp2_session* session = nullptr;
  if (self.role_ == Role::server) {
    nghttp2_session_server_new3(&session, callbacks, &self, options, &memory);
  } else {
    nghttp2_session_client_new3(&session, callbacks, &self, options, &memory);
  }
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  return session;
}

}  // namespace devproxy
