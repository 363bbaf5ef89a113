// RequestIds: values for X-Request-Id, unique enough to find a request in any log: 128 random bits
// as 32 hex digits. Seeded by the system once; not for secrets. One thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace devproxy {

class RequestIds final {
 public:
  RequestIds();
  /// Valid until the next call.
  std::string_view next();

 private:
  std::uint64_t draw();

  std::uint64_t state_[2];
  char text_[32];
};

}  // namespace devproxy
