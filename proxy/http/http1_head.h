// HeadReader: our own strict reading of an HTTP/1 head, ahead of any other parser: finds its end,
// refuses every byte that RFC 9112 does not allow there, and makes the index of its fields.
// Incremental: bytes may come one at a time. Owned by a frontend or backend. Then
// read_request_head() and read_response_head() give the head its meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "proxy/http/message.h"

namespace devproxy {

struct HeadLimits {
  std::size_t head = 64 * 1024;    ///< bytes, start line and all fields
  std::size_t target = 16 * 1024;  ///< bytes of the request-target
  std::size_t fields = 256;
};

/// A head that is refused: the status that a client is told, and why.
struct HeadFault {
  int status = 0;  ///< 400, 414, 431, 501, 505; 0: no fault
  const char* why = "";

  explicit operator bool() const { return status != 0; }
};

class HeadReader final {
 public:
  enum class Progress : std::uint8_t { more, done, refused };

  /// Reads from `bytes`, appending to the headers' block what belongs to the head; `used` says how
  /// much that was. Once done, the block holds exactly the head, the index its fields, and
  /// start_line() the first line.
  Progress read(Bytes bytes, Headers& headers, std::size_t& used);

  void reset() { *this = HeadReader(); }
  /// More has come than an empty line ahead of the head.
  bool has_begun() const { return has_start_line_ || position_ > line_begin_; }
  Piece start_line() const { return start_line_; }
  /// Of the complete head, in bytes.
  std::size_t size() const { return line_begin_; }
  HeadFault fault() const { return fault_; }

 private:
  Progress scan(std::string_view data, Headers& headers);
  bool take_line(std::string_view data, std::size_t end, Headers& headers);
  Progress refuse(int status, const char* why);

  Piece start_line_;
  std::uint32_t line_begin_ = 0;
  std::uint32_t position_ = 0;  ///< everything before it is known to be clean
  bool has_start_line_ = false;
  bool complete_ = false;
  HeadFault fault_;
};

/// Fills in what a request's head says (RFC 9112 section 3, 6; RFC 9110 section 7.2, 7.8).
HeadFault read_request_head(Piece start_line, Request& request);

/// The same for a response to a request with `method`; `websocket`: the request asked for one.
HeadFault read_response_head(Piece start_line, std::string_view request_method, bool websocket,
                             Response& response);

}  // namespace devproxy
