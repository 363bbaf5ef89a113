// Heads of HTTP/2, both ways: fields that come one by one become a Request or a Response (RFC 9113
// 8.3), and those become fields again. nghttp2 has checked the fields by then: names in lower case,
// pseudo-header fields first and no more than allowed, nothing that belongs to a connection. What
// it leaves open is decided here. Values within a stream or its owner. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/http1_head.h"
#include "proxy/http/http2_session.h"
#include "proxy/http/message.h"

namespace devproxy {

/// Counts what the fields of a head take, as RFC 9113 6.5.2 does.
class Http2HeadSize final {
 public:
  void reset() { *this = Http2HeadSize(); }
  void add(std::string_view name, std::string_view value) {
    bytes_ += name.size() + value.size() + 32;
    ++fields_;
  }
  bool is_too_large() const { return bytes_ > http2_limits.head || fields_ > http2_limits.fields; }
  bool is_hopeless() const { return bytes_ > http2_limits.hopeless_head; }
  const char* why() const {
    return bytes_ > http2_limits.head ? "the head is larger than 64 KiB"
                                      : "more than 256 header fields";
  }

 private:
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
};

class Http2RequestReader final {
 public:
  /// Memory is kept.
  void reset();
  void take(std::string_view name, std::string_view value, bool is_secret, Request& request);
  /// So large that it is not even worth an answer.
  bool is_hopeless() const { return size_.is_hopeless(); }
  /// All fields have come; `ends`: no body follows.
  HeadFault finish(bool ends, Request& request);

 private:
  void take_pseudo(std::string_view name, std::string_view value, Request& request);
  void settle_host(Request& request);
  HeadFault read_websocket(Request& request);
  HeadFault read_target(const Request& request) const;

  Http2HeadSize size_;
  Piece scheme_;
  Piece protocol_;
  std::string cookies_;
  bool cookies_secret_ = false;
  bool has_protocol_ = false;
  bool has_path_ = false;
  bool has_fields_ = false;
  HeadFault fault_;
};

/// Fills in what the fields of a response say. `ends`: nothing follows.
HeadFault read_http2_response(std::string_view status, std::string_view request_method, bool ends,
                              Response& response);

/// Fields on their way out. Valid until the next call, and as long as what they were made of.
class Http2HeadWriter final {
 public:
  const Http2Fields& request(const Request& request, std::string_view scheme);
  const Http2Fields& response(const Response& response);

 private:
  void add_content_length(std::uint64_t bytes);

  Http2Fields fields_;
  char status_[4] = {};
  char length_[20] = {};
};

/// Of the connection or of framing: written anew where it has a place at all (RFC 9113 8.2.2).
bool is_connection_field(FieldId id);

}  // namespace devproxy
