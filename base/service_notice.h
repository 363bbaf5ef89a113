// A ServiceNotice tells whoever supervises us that we are ready, reloading or stopping:
// sd_notify(3), without its library. Without a supervisor nothing is said. Made before there is a
// second thread; then used by the loop thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace devproxy {

class ServiceNotice final {
 public:
  ServiceNotice() = default;  ///< nobody is told
  explicit ServiceNotice(std::string socket) : socket_(std::move(socket)) {}
  /// To NOTIFY_SOCKET, which is gone from the environment afterwards: what we start is not us.
  static ServiceNotice take();

  void ready() const { send("READY=1"); }
  /// ready() must follow.
  void reloading() const;
  void stopping() const { send("STOPPING=1"); }

 private:
  void send(std::string_view text) const;

  std::string socket_;  ///< a path, or '@' and an abstract name; empty: nobody
};

}  // namespace devproxy
