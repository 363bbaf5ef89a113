// HTTP/2 as bytes, for tests that say exactly what goes over the wire: frames built by hand, header
// blocks packed and unpacked with nghttp2's tables, and a reader that turns bytes into frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace devproxy {

namespace h2 {

inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum Type : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};
enum Flag : std::uint8_t {
  none = 0,
  end_stream = 1,
  ack = 1,
  end_headers = 4,
  padded = 8,
  prioritised = 32
};

std::string number(std::uint64_t value, int bytes);
std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = {});
std::string setting(std::uint16_t id, std::uint32_t value);
std::string window(std::uint32_t stream, std::uint32_t bytes);

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;

  bool ends() const { return type <= headers && (flags & end_stream) != 0; }
  /// The four bytes at `offset`.
  std::uint32_t word(std::size_t offset = 0) const;
};

/// Takes the complete frames off the front of `bytes`.
std::vector<Frame> take_frames(std::string& bytes);

using Fields = std::vector<std::pair<std::string, std::string>>;

}  // namespace h2

/// HPACK without a memory: every block stands alone, so any peer understands it at any time.
std::string pack(const h2::Fields& fields);

/// The other direction, with the memory that the peer's blocks need.
class Unpacker final {
 public:
  Unpacker();
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  h2::Fields unpack(std::string_view block);

 private:
  void* inflater_;
};

}  // namespace devproxy
