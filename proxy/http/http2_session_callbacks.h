// What nghttp2 calls, for Http2Session alone. `user_data` is the session, a stream's user data is
// our stream.
#pragma once

#include <nghttp2/nghttp2.h>

#include <vector>

#include "proxy/http/http2_session.h"

namespace devproxy {

/// As nghttp2 wants them, with its own copies to be made; valid until the next call.
const std::vector<nghttp2_nv>& to_nghttp2(const Http2Fields& fields);

struct Http2Session::Callbacks {
  static nghttp2_session* make_session(Http2Session& self);
  static nghttp2_mem memory_of(BlockPool& blocks);

  static int on_begin_frame(nghttp2_session* session, const nghttp2_frame_hd* head,
                            void* user_data);
  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame,
                              void* user_data);
  static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t flags, void* user_data);
  static int on_invalid_header(nghttp2_session* session, const nghttp2_frame* frame,
                               const std::uint8_t* name, std::size_t name_size,
                               const std::uint8_t* value, std::size_t value_size,
                               std::uint8_t flags, void* user_data);
  static int on_invalid_frame(nghttp2_session* session, const nghttp2_frame* frame, int why,
                              void* user_data);
  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user_data);
  static int on_data_chunk(nghttp2_session* session, std::uint8_t flags, std::int32_t id,
                           const std::uint8_t* data, std::size_t size, void* user_data);
  static int on_frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user_data);
  static int on_frame_not_sent(nghttp2_session* session, const nghttp2_frame* frame, int why,
                               void* user_data);
  static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t code,
                             void* user_data);
  static ssize_t read_data(nghttp2_session* session, std::int32_t id, std::uint8_t* buffer,
                           std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                           void* user_data);
  static int send_data(nghttp2_session* session, nghttp2_frame* frame, const std::uint8_t* head,
                       std::size_t size, nghttp2_data_source* source, void* user_data);
};

}  // namespace devproxy
