// What one HTTP/2 connection may ask of us. Values; one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace devproxy {

struct Http2Limits {
  std::uint32_t streams = 256;               ///< at once, from one client
  std::uint32_t window = 256 * 1024;         ///< what a stalled stream may cost in memory
  std::int32_t connection_window = 8 << 20;  ///< for all streams of a connection together
  std::size_t frame = 16 * 1024;             ///< RFC 9113 6.5.2: our SETTINGS ask for no more
  std::size_t head = 64 * 1024;              ///< as RFC 9113 6.5.2 counts: each field 32 more
  std::size_t hopeless_head = 256 * 1024;    ///< a head that outgrows this ends the connection
  std::size_t fields = 256;
  std::size_t queued = 256 * 1024;    ///< more than this in the stream, and collecting waits
  std::size_t waiting_frames = 1024;  ///< more than this, and interim responses are left out
  std::uint32_t streams_before_settings = 100;  ///< to a service that has not told its limit yet
};

inline constexpr Http2Limits http2_limits;

/// How many frames that ask for work and bring nothing are put up with: resets, pings, settings,
/// empty data. Browsers reset streams by the thousand when a page of unbundled modules is left, so
/// it takes much; but not everything (CVE-2023-44487).
class Http2Patience final {
 public:
  /// False: it has run out.
  bool take(std::uint64_t now) {
    left_ = std::min(burst, left_ + (now - last_) * per_millisecond);
    last_ = now;
    if (left_ == 0) return false;
    --left_;
    return true;
  }

  static constexpr std::uint64_t burst = 10'000;
  static constexpr std::uint64_t per_millisecond = 1;

 private:
  std::uint64_t left_ = burst;
  std::uint64_t last_ = 0;
};

}  // namespace devproxy
