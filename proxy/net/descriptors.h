// Descriptors: the budget of open sockets. libuv answers EMFILE by closing pending connections
// unseen, so we count and stop accepting before the limit; a part is kept for connections to
// services. One per loop.
#pragma once

#include <cstddef>
#include <functional>

namespace devproxy {

class Descriptors final {
 public:
  Descriptors();

  /// Clients may use what is not kept for everything else.
  bool room_for_client() { return !note_short(open_ + kept_for_services_ >= limit_); }
  bool room_for_service() { return !note_short(open_ >= limit_); }

  void opened() { ++open_; }
  void closed() {
    --open_;
    if (on_room && is_short_) on_room();
  }
  std::size_t open() const { return open_; }

  /// Called when a descriptor is free again after somebody was told that there is none.
  std::function<void()> on_room;
  void no_longer_short() { is_short_ = false; }

 private:
  bool note_short(bool is_short) {
    if (is_short) is_short_ = true;
    return is_short;
  }

  bool is_short_ = false;
  std::size_t open_ = 0;
  std::size_t limit_;
  std::size_t kept_for_services_;
};

}  // namespace devproxy
