// Reads one HTTP/1.1 response as strictly as the bench knows it: status 200 (101 for WebSocket),
// the exact Content-Length, the exact body. Fed with what a read returned; one per connection, one
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace devproxy {

/// How a request failed. The names are printed as they stand here.
enum class Failure : std::uint8_t {
  none,
  connect,  ///< refused or another error before the connection stood
  reset,    ///< the connection broke
  lost,     ///< closed with 0 bytes of the answer
  cut,      ///< closed in the middle of the answer
  status,   ///< an answer, but not the one expected
  framing,  ///< no Content-Length, a wrong one, or bytes behind the end
  body,     ///< the right length, other bytes
  stalled,  ///< nothing came for ten seconds
};
inline constexpr const char* failure_names[] = {"none",   "connect", "reset", "lost",   "cut",
                                                "status", "framing", "body",  "stalled"};

class Response final {
 public:
  /// Begins to wait for an answer with `status` and, unless that is 101, `body_size` bytes of the
  /// pattern.
  void expect(int status, std::uint64_t body_size);
  /// Takes what was read, in order.
  Failure feed(std::string_view bytes);

  bool complete() const { return head_done_ && body_read_ == body_size_; }
  bool begun() const { return head_done_ || !head_.empty(); }
  /// The server said that it closes after this answer. Valid once complete.
  bool closes() const { return closes_; }

 private:
  Failure read_head(std::string_view head);

  std::string head_;  ///< a head that did not come in one piece
  std::uint64_t body_size_ = 0;
  std::uint64_t body_read_ = 0;
  int status_ = 200;
  bool head_done_ = false;
  bool closes_ = false;
};

}  // namespace devproxy
