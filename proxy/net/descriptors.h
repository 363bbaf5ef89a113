// Descriptors: the budget of open sockets. libuv answers EMFILE by closing pending connections unseen, so we count and
// stop accepting before the limit; a part is kept for connections to services. One per loop.
#pragma once

#include <cstddef>
#include <functional>

namespace devproxy {

class Descriptors final {
 public:
  Descriptors();

  /// Clients may use what is not kept for everything else.
  bool room_for_client() const { return open_ + kept_for_services_ < limit_; }
  bool room_for_service() const { return open_ < limit_; }

  void opened() { ++open_; }
  void closed() {
    --open_;
    if (on_room && room_for_client()) on_room();
  }
  std::size_t open() const { return open_; }

  std::function<void()> on_room;

 private:
  std::size_t open_ = 0;
  std::size_t limit_;
  std::size_t kept_for_services_;
};

}  // namespace devproxy
