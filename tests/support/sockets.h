// Sockets of tests: descriptors that close themselves, listeners on free ports, connections, all on
// loopback or unix. Everything is blocking with a deadline. Any thread; one owner each.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tests/support/wait.h"

namespace devproxy {

class Descriptor final {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

enum class Family { v4, v6 };

/// "127.0.0.1" or "::1".
std::string loopback(Family family);

/// A port on which nobody listens, kept so that nobody else gets it. Connections to it are refused,
/// and those who bind it by number with SO_REUSEADDR (as servers do) can listen on it.
class ReservedPort final {
 public:
  explicit ReservedPort(Family family = Family::v4);
  std::uint16_t number() const { return number_; }

 private:
  Descriptor socket_;
  std::uint16_t number_ = 0;
};

/// The same on 127.0.0.1 and ::1.
class ReservedPair final {
 public:
  ReservedPair();
  std::uint16_t number() const { return number_; }

 private:
  Descriptor v4_;
  Descriptor v6_;
  std::uint16_t number_ = 0;
};

Descriptor listen_on(Family family, std::uint16_t port);
Descriptor listen_on_path(const std::string& path);
/// Gives up when it is refused; `receive_buffer` (when not 0) is set before, so that the window is
/// small from the start.
Descriptor connect_to(Family family, std::uint16_t port, int receive_buffer = 0,
                      WaitLimit deadline = WaitLimit());
/// Whether anybody accepts there.
bool is_listening(Family family, std::uint16_t port);

/// Waits for POLLIN, POLLOUT, …; false when the deadline came first.
bool wait_ready(int fd, short events, WaitLimit deadline);

}  // namespace devproxy
